// SPDX-License-Identifier: Apache-2.0
//
// One function for each instruction; a row of kInstructions names it. What an
// instruction's words mean (quotes, variables) is lib/dockerfile's.
#include "services/gatewayd/translate/image_changes.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/status_macros.h"
#include "lib/dockerfile/instruction.h"
#include "lib/dockerfile/words.h"
#include "lib/kernel/signal_name.h"
#include "services/gatewayd/translate/health_instruction.h"
#include "services/gatewayd/translate/port_spec.h"

namespace tug::gatewayd {
namespace {

using dockerfile::Instruction;
using image::v1::ImageConfig;

absl::Status Error(absl::string_view why) {
  return absl::InvalidArgumentError(why);
}

absl::Status NeedsAtLeastOne(const Instruction& instruction) {
  return Error(
      absl::StrCat(instruction.UpperName(), " requires at least one argument"));
}

absl::Status NeedsExactlyOne(const Instruction& instruction) {
  return Error(
      absl::StrCat(instruction.UpperName(), " requires exactly one argument"));
}

// Changes on their way into a configuration.
class ImageChanges {
 public:
  ImageChanges(char escape, ImageConfig& config)
      : escape_(escape), config_(config) {}

  absl::Status Cmd(const Instruction& instruction);
  absl::Status Entrypoint(const Instruction& instruction);
  absl::Status Env(const Instruction& instruction);
  absl::Status Expose(const Instruction& instruction);
  absl::Status Healthcheck(const Instruction& instruction);
  absl::Status Label(const Instruction& instruction);
  absl::Status OnBuild(const Instruction& instruction);
  absl::Status StopSignal(const Instruction& instruction);
  absl::Status User(const Instruction& instruction);
  absl::Status Volume(const Instruction& instruction);
  absl::Status WorkDir(const Instruction& instruction);

 private:
  absl::Status Spend(size_t bytes);
  absl::StatusOr<std::string> Expand(absl::string_view word);
  absl::StatusOr<dockerfile::Pairs> ExpandPairs(const Instruction& instruction);
  absl::StatusOr<std::vector<std::string>> Command(
      const Instruction& instruction);

  const char escape_;
  ImageConfig& config_;
  size_t spent_ = 0;
  bool cmd_given_ = false;
};

absl::Status ImageChanges::Spend(size_t bytes) {
  spent_ += bytes;
  if (spent_ <= kMaxChangedBytes) return absl::OkStatus();
  return Error(absl::StrCat("the changes come to more than ", kMaxChangedBytes,
                            " bytes"));
}

absl::StatusOr<std::string> ImageChanges::Expand(absl::string_view word) {
  ASSIGN_OR_RETURN(
      std::string expanded,
      dockerfile::ExpandWord(word, escape_,
                             {config_.env().begin(), config_.env().end()}));
  RETURN_IF_ERROR(Spend(expanded.size()));
  return expanded;
}

// Names and values, all with the variables from before the instruction.
absl::StatusOr<dockerfile::Pairs> ImageChanges::ExpandPairs(
    const Instruction& instruction) {
  ASSIGN_OR_RETURN(dockerfile::Pairs pairs,
                   dockerfile::ReadPairs(instruction.UpperName(),
                                         instruction.arguments, escape_));
  if (pairs.empty()) return NeedsAtLeastOne(instruction);
  for (auto& [name, value] : pairs) {
    if (name.empty()) {
      return Error(
          absl::StrCat(instruction.UpperName(), " names can not be blank"));
    }
    ASSIGN_OR_RETURN(name, Expand(name));
    ASSIGN_OR_RETURN(value, Expand(value));
  }
  return pairs;
}

// The array form, or the shell that runs the text.
absl::StatusOr<std::vector<std::string>> ImageChanges::Command(
    const Instruction& instruction) {
  RETURN_IF_ERROR(Spend(instruction.arguments.size()));
  ASSIGN_OR_RETURN(auto array, dockerfile::ReadArray(instruction.arguments));
  if (array.has_value()) return *std::move(array);
  std::vector<std::string> words = {"/bin/sh", "-c"};
  if (config_.shell().values_size() > 0) {
    words.assign(config_.shell().values().begin(),
                 config_.shell().values().end());
  }
  if (!instruction.arguments.empty()) words.push_back(instruction.arguments);
  return words;
}

absl::Status ImageChanges::Cmd(const Instruction& instruction) {
  ASSIGN_OR_RETURN(const auto words, Command(instruction));
  config_.mutable_cmd()->mutable_values()->Assign(words.begin(), words.end());
  config_.set_args_escaped(false);
  cmd_given_ = true;
  return absl::OkStatus();
}

// The command that came with another entry point does not fit this one.
absl::Status ImageChanges::Entrypoint(const Instruction& instruction) {
  ASSIGN_OR_RETURN(const auto words, Command(instruction));
  config_.mutable_entrypoint()->mutable_values()->Assign(words.begin(),
                                                         words.end());
  if (!cmd_given_) config_.clear_cmd();
  return absl::OkStatus();
}

absl::Status ImageChanges::Env(const Instruction& instruction) {
  ASSIGN_OR_RETURN(const dockerfile::Pairs pairs, ExpandPairs(instruction));
  for (const auto& [name, value] : pairs) {
    const std::string entry = absl::StrCat(name, "=", value);
    const auto existing = std::find_if(
        config_.mutable_env()->begin(), config_.mutable_env()->end(),
        [&name = name](const std::string& other) {
          return absl::string_view(other).substr(0, other.find('=')) == name;
        });
    if (existing != config_.mutable_env()->end()) {
      *existing = entry;
    } else {
      config_.add_env(entry);
    }
  }
  return absl::OkStatus();
}

absl::Status ImageChanges::Label(const Instruction& instruction) {
  ASSIGN_OR_RETURN(const dockerfile::Pairs pairs, ExpandPairs(instruction));
  for (const auto& [name, value] : pairs) {
    (*config_.mutable_labels())[name] = value;
  }
  return absl::OkStatus();
}

absl::Status ImageChanges::Expose(const Instruction& instruction) {
  if (instruction.arguments.empty()) return NeedsAtLeastOne(instruction);
  ASSIGN_OR_RETURN(
      const auto words,
      dockerfile::ExpandWords(instruction.arguments, escape_,
                              {config_.env().begin(), config_.env().end()}));
  std::set<std::string> ports(config_.exposed_ports().begin(),
                              config_.exposed_ports().end());
  for (const std::string& word : words) {
    ASSIGN_OR_RETURN(const auto of_word, ContainerPortsOf(word));
    for (const std::string& port : of_word) {
      RETURN_IF_ERROR(Spend(port.size()));
      if (ports.insert(port).second) config_.add_exposed_ports(port);
    }
  }
  return absl::OkStatus();
}

absl::Status ImageChanges::Healthcheck(const Instruction& instruction) {
  RETURN_IF_ERROR(Spend(instruction.arguments.size()));
  ASSIGN_OR_RETURN(*config_.mutable_healthcheck(),
                   ReadHealthInstruction(instruction));
  return absl::OkStatus();
}

absl::Status ImageChanges::OnBuild(const Instruction& instruction) {
  if (instruction.arguments.empty()) return NeedsAtLeastOne(instruction);
  const std::string trigger =
      dockerfile::SplitInstruction(instruction.arguments).UpperName();
  if (trigger == "ONBUILD") {
    return Error("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
  }
  if (trigger == "MAINTAINER" || trigger == "FROM") {
    return Error(absl::StrCat(trigger, " isn't allowed as an ONBUILD trigger"));
  }
  RETURN_IF_ERROR(Spend(instruction.arguments.size()));
  config_.add_on_build(instruction.arguments);
  return absl::OkStatus();
}

// Any number but 0 is taken, as by Docker.
absl::Status ImageChanges::StopSignal(const Instruction& instruction) {
  if (instruction.arguments.empty()) return NeedsExactlyOne(instruction);
  ASSIGN_OR_RETURN(const std::string signal, Expand(instruction.arguments));
  int number = 0;
  const bool known = absl::SimpleAtoi(signal, &number)
                         ? number != 0
                         : kernel::ParseSignal(signal).ok();
  if (!known) return Error(absl::StrCat("invalid signal: ", signal));
  config_.set_stop_signal(signal);
  return absl::OkStatus();
}

absl::Status ImageChanges::User(const Instruction& instruction) {
  if (instruction.arguments.empty()) return NeedsExactlyOne(instruction);
  ASSIGN_OR_RETURN(const std::string user, Expand(instruction.arguments));
  config_.set_user(user);
  return absl::OkStatus();
}

absl::Status ImageChanges::Volume(const Instruction& instruction) {
  ASSIGN_OR_RETURN(auto paths, dockerfile::ReadArray(instruction.arguments));
  if (!paths.has_value()) {
    paths = absl::StrSplit(instruction.arguments, absl::ByAnyChar(" \t\v\f\r"),
                           absl::SkipEmpty());
  }
  if (paths->empty()) return NeedsAtLeastOne(instruction);
  std::set<std::string> volumes(config_.volumes().begin(),
                                config_.volumes().end());
  for (const std::string& path : *paths) {
    ASSIGN_OR_RETURN(const std::string expanded, Expand(path));
    const std::string volume(absl::StripAsciiWhitespace(expanded));
    if (volume.empty()) {
      return Error("VOLUME specified can not be an empty string");
    }
    if (volumes.insert(volume).second) config_.add_volumes(volume);
  }
  return absl::OkStatus();
}

absl::Status ImageChanges::WorkDir(const Instruction& instruction) {
  if (instruction.arguments.empty()) return NeedsExactlyOne(instruction);
  ASSIGN_OR_RETURN(const std::string given, Expand(instruction.arguments));
  if (given.empty()) return Error("cannot normalize nothing");
  // An absolute path takes the place of what is before it.
  const std::filesystem::path joined =
      std::filesystem::path("/") / config_.working_dir() / given;
  std::string normal = joined.lexically_normal().string();
  if (normal.size() > 1 && normal.back() == '/') normal.pop_back();
  config_.set_working_dir(normal);
  return absl::OkStatus();
}

struct Row {
  absl::string_view name;
  absl::Status (ImageChanges::*apply)(const Instruction&);
};

constexpr Row kInstructions[] = {
    {"CMD", &ImageChanges::Cmd},
    {"ENTRYPOINT", &ImageChanges::Entrypoint},
    {"ENV", &ImageChanges::Env},
    {"EXPOSE", &ImageChanges::Expose},
    {"HEALTHCHECK", &ImageChanges::Healthcheck},
    {"LABEL", &ImageChanges::Label},
    {"ONBUILD", &ImageChanges::OnBuild},
    {"STOPSIGNAL", &ImageChanges::StopSignal},
    {"USER", &ImageChanges::User},
    {"VOLUME", &ImageChanges::Volume},
    {"WORKDIR", &ImageChanges::WorkDir},
};

const Row* FindRow(const Instruction& instruction) {
  const std::string name = instruction.UpperName();
  for (const Row& row : kInstructions) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

}  // namespace

absl::Status ApplyImageChanges(absl::string_view changes, ImageConfig& config) {
  ASSIGN_OR_RETURN(const dockerfile::Instructions parsed,
                   dockerfile::ParseInstructions(changes));
  for (const Instruction& instruction : parsed.list) {
    if (FindRow(instruction) == nullptr) {
      return Error(
          absl::StrCat(instruction.name, " is not a valid change command"));
    }
  }
  ImageChanges applied(parsed.escape, config);
  for (const Instruction& instruction : parsed.list) {
    const Row& row = *FindRow(instruction);
    // HEALTHCHECK alone has flags, and reads them itself.
    if (row.name != "HEALTHCHECK" && !instruction.flags.empty()) {
      return UnknownFlag(instruction.flags[0]);
    }
    RETURN_IF_ERROR((applied.*row.apply)(instruction));
  }
  return absl::OkStatus();
}

}  // namespace tug::gatewayd
