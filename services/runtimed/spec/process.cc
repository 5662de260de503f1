// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/spec/process.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/runtimed/init/launch_plan.h"
#include "services/runtimed/spec/spec_error.h"

namespace tug::runtimed {
namespace {

constexpr absl::string_view kPath =
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

absl::string_view KeyOf(absl::string_view entry) {
  return entry.substr(0, entry.find('='));
}

bool HasNul(absl::string_view text) {
  return text.find('\0') != absl::string_view::npos;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> CommandLine(
    const runtime::v1::Config& config) {
  std::vector<std::string> line;
  for (const std::string& word : config.entrypoint().values()) {
    line.push_back(word);
  }
  for (const std::string& word : config.cmd().values()) line.push_back(word);
  if (line.empty()) return SpecError("no command specified");
  if (line.size() > kMaxArguments) return SpecError("too many arguments");
  return line;
}

std::vector<std::string> OverrideEnvironment(
    std::vector<std::string> base, const std::vector<std::string>& overrides) {
  for (const std::string& entry : overrides) {
    const absl::string_view key = KeyOf(entry);
    const auto at = std::find_if(
        base.begin(), base.end(),
        [&](const std::string& other) { return KeyOf(other) == key; });
    const bool removes = !absl::StrContains(entry, '=');
    if (at == base.end()) {
      if (!removes) base.push_back(entry);
    } else if (removes) {
      base.erase(at);
    } else {
      *at = entry;
    }
  }
  return base;
}

std::vector<std::string> Environment(const runtime::v1::Config& config,
                                     const std::string& hostname,
                                     bool terminal) {
  std::vector<std::string> base = {std::string(kPath),
                                   absl::StrCat("HOSTNAME=", hostname)};
  if (terminal) base.push_back("TERM=xterm");
  const auto& values = config.env().values();
  return OverrideEnvironment(std::move(base), {values.begin(), values.end()});
}

absl::Status CheckProcess(const runtime::v1::Config& config) {
  for (const std::string& entry : config.env().values()) {
    if (entry.empty() || entry[0] == '=' || HasNul(entry)) {
      return SpecError(absl::StrCat("invalid environment variable: ", entry));
    }
  }
  for (const auto* list : {&config.entrypoint(), &config.cmd()}) {
    for (const std::string& word : list->values()) {
      if (HasNul(word)) return SpecError("an argument holds a NUL byte");
    }
  }
  if (config.env().values_size() > static_cast<int>(kMaxEnvironment)) {
    return SpecError("too many environment variables");
  }
  const std::string& directory = config.working_dir();
  if (!directory.empty() && directory[0] != '/') {
    return SpecError(absl::StrCat("the working directory '", directory,
                                  "' is invalid, it needs to be an absolute "
                                  "path"));
  }
  if (HasNul(directory) || HasNul(config.user())) {
    return SpecError("working directory or user holds a NUL byte");
  }
  return absl::OkStatus();
}

}  // namespace tug::runtimed
