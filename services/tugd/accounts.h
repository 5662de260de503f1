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

// The user of a service; tugd's own if the configured one does not exist or
// tugd is not root.
Account AccountOf(const Service& service, const TugdConfig& config);

// The configured group; tugd's own if it does not exist.
gid_t SocketGroup(const TugdConfig& config);

// Logs which configured users and groups do not exist.
void WarnOfMissingAccounts(const TugdConfig& config);

}  // namespace tug::tugd
