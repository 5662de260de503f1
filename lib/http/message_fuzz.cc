// SPDX-License-Identifier: Apache-2.0
//
// libFuzzer entry: clang++ -fsanitize=fuzzer,address with the library's
// sources. message_fuzz_test replays its seeds.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "lib/http/message_parser.h"

namespace {

constexpr size_t kHeaderLimit = 1024;
constexpr size_t kFirstRead = 7;

// Whether the whole body was read without an error.
bool ReadBody(tug::http::MessageParser& parser, std::string_view rest) {
  char out[64];
  while (!parser.done()) {
    const auto step = parser.ParseBody(rest, out, sizeof(out));
    if (!step.ok()) return false;
    // Never more than there was, never past the buffer.
    if (step->consumed > rest.size() || step->produced > sizeof(out)) {
      __builtin_trap();
    }
    if (step->consumed + step->produced == 0) break;
    rest.remove_prefix(step->consumed);
  }
  return parser.done() || parser.ParseEof().ok();
}

// The header whole, or in two reads: both must find the same end.
void Parse(tug::http::MessageParser& whole, tug::http::MessageParser& split,
           std::string_view bytes) {
  const auto head = whole.ParseHead(bytes);
  if (bytes.size() > kFirstRead) {
    const auto first = split.ParseHead(bytes.substr(0, kFirstRead));
    if (first.ok() && *first == 0) {
      const auto second = split.ParseHead(bytes);
      // A malformed start line may be noticed only once it is whole.
      const size_t whole_size = head.ok() ? *head : 0;
      const size_t split_size = second.ok() ? *second : 0;
      if (whole_size != split_size) __builtin_trap();
    }
  }
  if (!head.ok() || *head == 0) return;
  if (*head > bytes.size()) __builtin_trap();
  (void)ReadBody(whole, bytes.substr(*head));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  Parse(*tug::http::NewRequestParser(kHeaderLimit),
        *tug::http::NewRequestParser(kHeaderLimit), bytes);
  Parse(*tug::http::NewResponseParser(kHeaderLimit, false),
        *tug::http::NewResponseParser(kHeaderLimit, false), bytes);
  return 0;
}
