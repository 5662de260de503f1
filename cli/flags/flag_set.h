// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tug::cli {

// The flags of one command, parsed as users of Docker's command line know it:
// "-it", "-p80:80", "--name=x", "--name x", "--rm=false", "--" ends flags.
//
// Targets are borrowed. Not thread-safe.
class FlagSet {
 public:
  // `letter` 0: none. `help`: one line.
  void Bool(char letter, const char* name, bool* target, const char* help);
  void String(char letter, const char* name, std::string* target,
              const char* help);
  // Tells "not given" from "given empty".
  void Optional(char letter, const char* name,
                std::optional<std::string>* target, const char* help);
  // May be repeated.
  void List(char letter, const char* name, std::vector<std::string>* target,
            const char* help);
  void Int(char letter, const char* name, std::optional<int64_t>* target,
           const char* help);
  // Another name for a flag added before.
  void Alias(const char* alias, const char* name);

  // Sets the targets and answers what is no flag. With `stop_at_first`, the
  // first such word ends the flags (commands that run a command).
  // INVALID_ARGUMENT has the text to print.
  absl::StatusOr<std::vector<std::string>> Parse(
      const std::vector<std::string>& words, bool stop_at_first);

  // Whether --help was among the flags.
  bool help_wanted() const { return help_wanted_; }

  // The table of flags for --help.
  std::string Describe() const;

 private:
  struct Flag {
    char letter;
    std::string name;
    const char* type;  // "" for switches.
    const char* help;
    std::function<absl::Status(const std::string&)> set;
    bool is_switch() const { return *type == '\0'; }
  };
  void Add(char letter, const char* name, const char* type, const char* help,
           std::function<absl::Status(const std::string&)> set);
  const Flag* Find(absl::string_view name) const;
  const Flag* Find(char letter) const;
  absl::Status Set(const Flag& flag, const std::string& value);
  absl::Status ParseLong(const std::vector<std::string>& words, size_t& at);
  absl::Status ParseLetters(const std::vector<std::string>& words, size_t& at);

  std::vector<Flag> flags_;
  bool help_wanted_ = false;
};

}  // namespace tug::cli
