// SPDX-License-Identifier: Apache-2.0
#include "lib/base/utf8.h"

#include "absl/strings/str_cat.h"

namespace tug {
namespace {

// Length of the UTF-8 sequence that `text` begins with; 0 if it is none.
// Over-long forms and surrogates pass: this guards a parser, not meaning.
size_t Utf8Length(absl::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const size_t length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) return 0;
  }
  const auto second = static_cast<unsigned char>(text[1]);
  const bool out_of_range =
      (lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) ||
      (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f);
  return out_of_range ? 0 : length;
}

}  // namespace

std::string Presentable(absl::string_view text, size_t limit) {
  std::string out;
  while (!text.empty()) {
    const size_t length = Utf8Length(text);
    const absl::string_view piece =
        length == 0 ? absl::string_view("?") : text.substr(0, length);
    if (out.size() + piece.size() > limit) break;
    absl::StrAppend(&out, piece);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

}  // namespace tug
