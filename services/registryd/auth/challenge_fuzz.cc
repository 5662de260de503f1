// SPDX-License-Identifier: Apache-2.0
//
// libFuzzer entry: clang++ -fsanitize=fuzzer,address with challenge.cc.
#include <cstddef>
#include <cstdint>

#include "services/registryd/auth/challenge.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  (void)tug::registryd::ParseChallenges(
      absl::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
