// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "proto/tug/runtime/v1/container_config.pb.h"

namespace tug::runtimed {

// HostConfig.security_opt, taken apart.
struct SecurityOptions {
  enum class Seccomp { kDefault, kUnconfined, kCustom };
  Seccomp seccomp = Seccomp::kDefault;
  // JSON of a custom profile; the client sends the file's content.
  std::string seccomp_json;
  // Empty: the engine's default where the host has AppArmor.
  std::string apparmor;
  bool no_new_privileges = false;
  // Not given: as privileged as the container is.
  std::optional<bool> writable_cgroups;
  // "systempaths=unconfined": nothing is masked or read-only.
  bool unmasked = false;
};

// INVALID_ARGUMENT (CONTAINER_SPEC_INVALID) for an unknown option.
absl::StatusOr<SecurityOptions> ParseSecurityOptions(
    const runtime::v1::HostConfig& host);

}  // namespace tug::runtimed
