// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/sys/unique_fd.h"
#include "services/tugd/config.pb.h"
#include "services/tugd/services.h"

namespace tug::tugd {

// A listening socket and what LISTEN_FDNAMES calls it.
struct NamedSocket {
  std::string name;
  UniqueFd fd;
};

// The sockets of a service, which outlive its processes, so that a client of a
// service that is being restarted waits instead of failing: "rpc" and "bytes",
// or one "rest" for each address.
absl::StatusOr<std::vector<NamedSocket>> OpenSockets(const Service& service,
                                                     const TugdConfig& config,
                                                     gid_t group);

}  // namespace tug::tugd
