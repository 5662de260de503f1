// SPDX-License-Identifier: Apache-2.0
//
// Which devices a group may open and make: control files on v1, an eBPF
// program on v2.
#pragma once

#include <linux/bpf.h>

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/cgroup/resources.h"

namespace tug::cgroup {

// Parses "c 1:3 rwm", "a *:* rwm" or "b 8:* r"; INVALID_ARGUMENT otherwise.
absl::StatusOr<DeviceRule> ParseDeviceRule(absl::string_view text);

// "c 1:3 rwm".
std::string FormatDeviceRule(const DeviceRule& rule);

// Replaces the policy of the group. The first rule should deny all.
absl::Status ApplyDevicesV1(int directory,
                            const std::vector<DeviceRule>& rules);

// Compiles `rules` (the last match wins; no match refuses) to a program for
// BPF_CGROUP_DEVICE.
std::vector<bpf_insn> CompileDeviceFilter(const std::vector<DeviceRule>& rules);

// Loads the compiled rules and attaches them in place of the group's present
// program.
absl::Status ApplyDevicesV2(int directory,
                            const std::vector<DeviceRule>& rules);

}  // namespace tug::cgroup
