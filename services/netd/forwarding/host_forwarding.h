// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "services/netd/firewall/firewall.h"
#include "services/netd/forwarding/forwarding_record.h"
#include "services/netd/networks/packet_forwarding.h"

namespace tug::netd {

// Whether the host passes packets from one interface to another, which
// containers need to reach the outside. The kernel has one switch a family,
// and that switch makes the host everybody's router: a neighbour on one link
// would reach those on another. So whoever turns it on keeps strangers out
// (Firewall::Guard); where the host forwards already, it does so by its own
// choice and its own rules, and nothing is changed.
//
// Example: a host with `eth0` and `eth1` whose IPv4 forwarding is off, except
// for what comes in by `eth1`. Start of netd: `ipv4` in the record names
// `eth1`; the guard lets pass what comes in by `eth1`, and from and to bridges;
// the switch is turned on. A restart finds the switch on and the record, and
// keeps the guard. A host that had the switch on has no record and no guard.
//
// Works in the network namespace of the calling threads. Thread-safe.
class HostForwarding final : public PacketForwarding {
 public:
  // `allowed`: whether to turn forwarding on where it is off.
  HostForwarding(Firewall& firewall, std::unique_ptr<ForwardingRecord> record,
                 bool allowed)
      : firewall_(firewall), record_(std::move(record)), allowed_(allowed) {}

  absl::Status Ensure(int family) override;

 private:
  Firewall& firewall_;
  absl::Mutex mutex_;
  const std::unique_ptr<ForwardingRecord> record_ ABSL_PT_GUARDED_BY(mutex_);
  const bool allowed_;
};

// Whether the host forwards packets of this family now.
absl::StatusOr<bool> IsForwarding(int family);

// A host that forwards ignores router advertisements unless an interface says
// 2: where it has 1, it gets 2, so that the host keeps the routes and addresses
// that it has from them.
absl::Status KeepLearningFromRouters();

}  // namespace tug::netd
