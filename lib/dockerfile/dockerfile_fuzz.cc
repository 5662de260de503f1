// SPDX-License-Identifier: Apache-2.0
//
// libFuzzer entry for instructions and words: clang++ -fsanitize=fuzzer,address
// with the library's sources. The corpus is replayed by dockerfile_fuzz_test.
#include <cstddef>
#include <cstdint>

#include "lib/dockerfile/instruction.h"
#include "lib/dockerfile/words.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const auto parsed = tug::dockerfile::ParseInstructions(text);
  const tug::dockerfile::Environment environment = {"A=1", "PATH=/bin:/sbin"};
  (void)tug::dockerfile::ExpandWord(text, '\\', environment);
  if (!parsed.ok()) return 0;
  for (const auto& instruction : parsed->list) {
    (void)tug::dockerfile::ExpandWords(instruction.arguments, parsed->escape,
                                       environment);
  }
  return 0;
}
