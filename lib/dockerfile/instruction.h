// SPDX-License-Identifier: Apache-2.0
//
// The lines of a Dockerfile, or of what `import --change` and `commit --change`
// take of one, as BuildKit reads them; the error texts are its own.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tug::dockerfile {

// Longest text that is read.
inline constexpr size_t kMaxText = 64 << 10;

// One instruction, with continued lines joined.
struct Instruction {
  std::string name;                // As written: "cmd".
  std::vector<std::string> flags;  // "--interval=5s".
  std::string arguments;           // What follows, trimmed.

  std::string UpperName() const;
};

struct Instructions {
  char escape = '\\';  // Or '`', by a directive at the top.
  std::vector<Instruction> list;
};

// INVALID_ARGUMENT when there is none, and where an instruction is not of its
// form: pairs of ENV and LABEL, arrays of strings, what follows ONBUILD.
absl::StatusOr<Instructions> ParseInstructions(absl::string_view text);

// The strings of a JSON array; absent for what is no array. INVALID_ARGUMENT
// for one of other things.
absl::StatusOr<std::optional<std::vector<std::string>>> ReadArray(
    absl::string_view text);

// "k=v k2=v2", or the old "k v", quotes kept. `name`: the instruction, for the
// error text.
using Pairs = std::vector<std::pair<std::string, std::string>>;
absl::StatusOr<Pairs> ReadPairs(absl::string_view name,
                                absl::string_view arguments, char escape);

// Splits an instruction's first word from the rest, and reads flags before the
// rest. Used for ONBUILD as well.
Instruction SplitInstruction(absl::string_view line);

}  // namespace tug::dockerfile
