// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/netd/firewall/forward_guards.h"

namespace tug::netd {

// What netd remembers, while the machine is up, of having made the host
// forward: the files `ipv4` and `ipv6` in `<run>/netd/forwarding`, with the id
// of the boot in the first line and then the interfaces that forwarded before.
// deploy/down reads them to turn off again what netd turned on.
//
// Not thread-safe.
class ForwardingRecord {
 public:
  // Makes the directory. What is of another boot means nothing.
  static absl::StatusOr<std::unique_ptr<ForwardingRecord>> Open(
      const std::string& directory);

  const ForwardGuards& guards() const { return guards_; }

  absl::Status Write(int family, const std::vector<std::string>& interfaces);

 private:
  ForwardingRecord(std::string directory, std::string boot)
      : directory_(std::move(directory)), boot_(std::move(boot)) {}
  std::string PathOf(int family) const;

  const std::string directory_;
  const std::string boot_;
  ForwardGuards guards_;
};

}  // namespace tug::netd
