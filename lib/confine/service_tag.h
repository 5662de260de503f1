// SPDX-License-Identifier: Apache-2.0
//
// How the kernel tells a service that runs as root from root itself.
//
// imaged, netd and volumed make files that belong to root, so their user is
// root; but they lack most capabilities, CAP_SETGID among them. Each wears a
// tag: a supplementary group of its own, which it cannot take off, which no
// file belongs to, and which everybody whom it connects to sees (SO_PEERGROUPS,
// lib/rpc/peer_credentials.h). The groups need no name on the host.
#pragma once

#include <sys/types.h>

#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace tug {

// The tag of a service; absent if that is allowed everything (tugd, runtimed,
// gatewayd) or unknown.
std::optional<gid_t> TagOfService(absl::string_view service);

// The service whose tag is among `groups`; empty if none is.
absl::string_view ServiceOfTag(const std::vector<gid_t>& groups);

// Puts the tag of `service`, if it has one, on this process. Only root can.
absl::Status WearTag(absl::string_view service);

}  // namespace tug
