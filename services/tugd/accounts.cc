// SPDX-License-Identifier: Apache-2.0
#include "services/tugd/accounts.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include "lib/base/log.h"

namespace tug::tugd {
namespace {

std::string UserOf(const Service& service, const TugdConfig& config) {
  switch (service.rights) {
    case Rights::kGatewayUser:
      return config.gateway_user();
    case Rights::kRegistryUser:
      return config.registry_user();
    case Rights::kRoot:
      break;
  }
  return "";
}

}  // namespace

Account AccountOf(const Service& service, const TugdConfig& config) {
  const Account own = {"", geteuid(), getegid()};
  const std::string name = UserOf(service, config);
  if (name.empty() || geteuid() != 0) return own;
  const passwd* user = getpwnam(name.c_str());
  // Without the group a service of its own user could reach no other.
  if (user == nullptr || getgrnam(config.group().c_str()) == nullptr) {
    return own;
  }
  return {name, user->pw_uid, user->pw_gid};
}

gid_t SocketGroup(const TugdConfig& config) {
  const group* found = getgrnam(config.group().c_str());
  return found != nullptr ? found->gr_gid : getegid();
}

void WarnOfMissingAccounts(const TugdConfig& config) {
  if (getgrnam(config.group().c_str()) == nullptr) {
    LogWarning("no such group; only root can use the sockets",
               {{"group", config.group()}});
  }
  for (const Service& service : kServices) {
    const std::string name = UserOf(service, config);
    if (name.empty() || getpwnam(name.c_str()) != nullptr) continue;
    LogWarning("no such user; the service keeps the rights of tugd",
               {{"service", service.name}, {"user", name}});
  }
}

}  // namespace tug::tugd
