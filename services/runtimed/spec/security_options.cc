// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/spec/security_options.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/status_macros.h"
#include "services/runtimed/spec/spec_error.h"

namespace tug::runtimed {
namespace {

absl::Status Unknown(absl::string_view option) {
  return SpecError(absl::StrCat("invalid --security-opt 2: \"", option, "\""));
}

// The words that Go's strconv.ParseBool knows.
absl::StatusOr<bool> ParseFlag(absl::string_view value,
                               absl::string_view option) {
  for (const char* word : {"1", "t", "T", "TRUE", "true", "True"}) {
    if (value == word) return true;
  }
  for (const char* word : {"0", "f", "F", "FALSE", "false", "False"}) {
    if (value == word) return false;
  }
  return Unknown(option);
}

absl::Status ApplyKeyValue(absl::string_view key, absl::string_view value,
                           absl::string_view option, SecurityOptions& options) {
  if (key == "seccomp") {
    if (value == "unconfined") {
      options.seccomp = SecurityOptions::Seccomp::kUnconfined;
    } else if (value == "builtin" || value.empty()) {
      options.seccomp = SecurityOptions::Seccomp::kDefault;
    } else {
      options.seccomp = SecurityOptions::Seccomp::kCustom;
      options.seccomp_json = std::string(value);
    }
  } else if (key == "apparmor") {
    options.apparmor = std::string(value);
  } else if (key == "no-new-privileges") {
    ASSIGN_OR_RETURN(options.no_new_privileges, ParseFlag(value, option));
  } else if (key == "writable-cgroups") {
    ASSIGN_OR_RETURN(options.writable_cgroups, ParseFlag(value, option));
  } else if (key == "systempaths" && value == "unconfined") {
    options.unmasked = true;
  } else if (key == "label") {
    // SELinux labels have no effect on hosts without SELinux; only turning
    // them off is harmless to accept.
    if (value != "disable") {
      return SpecError("SELinux labels are not supported: only label=disable");
    }
  } else {
    return Unknown(option);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<SecurityOptions> ParseSecurityOptions(
    const runtime::v1::HostConfig& host) {
  SecurityOptions options;
  for (const std::string& option : host.security_opt().values()) {
    if (option == "no-new-privileges") {
      options.no_new_privileges = true;
      continue;
    }
    if (option == "writable-cgroups") {
      options.writable_cgroups = true;
      continue;
    }
    // An old spelling of label=disable.
    if (option == "disable") continue;
    // "seccomp:unconfined" is the spelling of old clients.
    const char separator = absl::StrContains(option, '=') ? '=' : ':';
    const std::vector<absl::string_view> parts =
        absl::StrSplit(option, absl::MaxSplits(separator, 1));
    if (parts.size() != 2) {
      return SpecError(
          absl::StrCat("invalid --security-opt 1: \"", option, "\""));
    }
    RETURN_IF_ERROR(ApplyKeyValue(parts[0], parts[1], option, options));
  }
  return options;
}

}  // namespace tug::runtimed
