// SPDX-License-Identifier: Apache-2.0
#include "lib/rpc/peer_table.h"

namespace tug::rpc {
namespace {

// The bytes of images; no credentials, no names.
constexpr absl::string_view kImagedAtRegistryd[] = {"GetManifest", "ReadBlob"};

constexpr PeerRule kRules[] = {
    {"registryd", "imaged", "tug.registry.v1.RegistryService",
     kImagedAtRegistryd},
    // Namespaces of containers that outlived a netd, by tickets that it is
    // given.
    {"runtimed", "netd", "", {}},
};

}  // namespace

absl::Span<const PeerRule> PeerRules() { return kRules; }

const PeerRule* FindPeerRule(absl::string_view service,
                             absl::string_view peer) {
  for (const PeerRule& rule : kRules) {
    if (rule.service == service && rule.peer == peer) return &rule;
  }
  return nullptr;
}

}  // namespace tug::rpc
