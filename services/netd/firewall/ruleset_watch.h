// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "lib/netlink/socket.h"
#include "lib/sys/unique_fd.h"

namespace tug::netd {

// Tells when somebody deletes our table, as the reload of a host's firewall
// does that begins with "flush ruleset". One thread waits for what the kernel
// announces; it is the one that calls back.
class RulesetWatch {
 public:
  static constexpr int kRetryMs = 1000;

  // Of the network namespace of the calling thread. `on_loss` is also called
  // when announcements were lost, so it has to look for itself. False asks to
  // be called again after kRetryMs, as often as it takes.
  static absl::StatusOr<std::unique_ptr<RulesetWatch>> Start(
      std::string table, std::function<bool()> on_loss);
  ~RulesetWatch();

 private:
  RulesetWatch(netlink::Socket socket, UniqueFd stop, std::string table,
               std::function<bool()> on_loss);
  void Run();
  // Whether what can be read without waiting tells of a loss.
  bool ReadLoss();

  const netlink::Socket socket_;
  const UniqueFd stop_;
  const std::string table_;
  const std::function<bool()> on_loss_;
  std::thread thread_;
};

}  // namespace tug::netd
