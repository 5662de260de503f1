// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

// libFuzzer's entry: parses `bytes` as a launch plan and, if that is accepted,
// reads every string and row. Compile launch_plan_fuzz.cc with
// -fsanitize=fuzzer,address to search; launch_plan_test.cc replays.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size);
