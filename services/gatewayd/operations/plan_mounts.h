// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "proto/tug/runtime/v1/container.pb.h"
#include "services/gatewayd/operations/planned_mount.h"

namespace tug::gatewayd {

// Most mounts of one container, tmpfs included. The launch plan has room for
// 1024 with those that every container gets; each anonymous volume is a
// directory and a synced record.
inline constexpr size_t kMaxMounts = 1000;

// Looks a container up by what the user called it.
using FindContainer = absl::FunctionRef<absl::StatusOr<runtime::v1::Container>(
    const std::string& reference)>;

// Every mount that a container asks for in any of Docker's ways: those of
// other containers, binds, mounts, and anonymous volumes for what is left of
// `config.volumes`; later ways win over volumes-from, and may not collide
// among themselves. HostConfig.Tmpfs is the runtime's own. More than kMaxMounts
// are refused.
absl::StatusOr<std::vector<PlannedMount>> PlanMounts(
    const runtime::v1::Config& config, const runtime::v1::HostConfig& host,
    FindContainer find_container);

// What read-only means for a bind of an API before 1.44: what is mounted below
// its source stays writable. Mounts of other containers keep what they are.
void LeaveSubMountsWritable(std::vector<PlannedMount>& mounts);

}  // namespace tug::gatewayd
