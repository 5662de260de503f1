// SPDX-License-Identifier: Apache-2.0
//
// Who may call what.
//
// Administrators (root, and members of group tug) and gatewayd, which speaks
// for them, may call every method of every service. tugd, runtimed and gatewayd
// count as administrators: whoever owns one of them is root as it is. Every
// other service may call what its row here says, which is nothing for most
// pairs. The rows for connections are checked before gRPC sees a byte; those
// for methods hold because a restricted peer is connected to a gRPC server that
// has no others (narrow_service.h).
#pragma once

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace tug::rpc {

// `peer` may redeem tickets at the byte socket of `service`, and call `methods`
// of `grpc_service` there. No pair has two rules.
struct PeerRule {
  absl::string_view service;
  absl::string_view peer;
  absl::string_view grpc_service;  // Empty: tickets only.
  absl::Span<const absl::string_view> methods;
};

absl::Span<const PeerRule> PeerRules();

// Null: `peer` has no business at `service`.
const PeerRule* FindPeerRule(absl::string_view service, absl::string_view peer);

}  // namespace tug::rpc
