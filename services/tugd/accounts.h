// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>

#include "services/tugd/config.pb.h"
#include "services/tugd/services.h"

namespace tug::tugd {

// A user that exists.
struct Account {
  std::string user;  // Empty: stays what tugd is.
  uid_t uid = 0;
  gid_t gid = 0;
};

// The user of a service; root, with a warning, if the configured one does not
// exist, and silently if tugd itself is not root.
Account AccountOf(const Service& service, const TugdConfig& config);

// The configured group; tugd's own, with a warning, if it does not exist.
gid_t SocketGroup(const TugdConfig& config);

}  // namespace tug::tugd
