// SPDX-License-Identifier: Apache-2.0
#include "services/tugd/sockets.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/program/listen_fds.h"
#include "services/tugd/accounts.h"
#include "services/tugd/tcp_listener.h"

namespace tug::tugd {
namespace {

constexpr mode_t kSocketMode = 0660;
constexpr char kRestSocket[] = "tug.sock";

// Who may connect, besides root with root's rights.
struct Owner {
  uid_t user;
  gid_t group;
};

absl::StatusOr<UniqueFd> ListenFor(const std::string& path, Owner owner) {
  // Without the mode nobody else can connect until the owner is right.
  ASSIGN_OR_RETURN(UniqueFd socket, ListenUnix(path, 0600));
  if (chown(path.c_str(), owner.user, owner.group) != 0 ||
      chmod(path.c_str(), kSocketMode) != 0) {
    return ErrnoStatus(errno, absl::StrCat("set up socket ", path));
  }
  return socket;
}

absl::Status AddInherited(std::vector<NamedSocket>& sockets) {
  const size_t before = sockets.size();
  while (std::optional<UniqueFd> fd = TakeAnyListenFd()) {
    sockets.push_back({"rest", *std::move(fd)});
  }
  if (sockets.size() > before) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "rest-listeners: fd:// needs sockets from systemd (a .socket unit)");
}

absl::Status AddRestListener(const std::string& address,
                             const TugdConfig& config, gid_t group,
                             std::vector<NamedSocket>& sockets) {
  absl::string_view rest = address;
  if (address == "fd://") return AddInherited(sockets);
  if (absl::ConsumePrefix(&rest, "unix://")) {
    ASSIGN_OR_RETURN(UniqueFd fd,
                     ListenFor(std::string(rest), {geteuid(), group}));
    sockets.push_back({"rest", std::move(fd)});
    return absl::OkStatus();
  }
  if (absl::ConsumePrefix(&rest, "tcp://")) {
    ASSIGN_OR_RETURN(UniqueFd fd,
                     ListenLoopbackTcp(rest, config.allow_plain_tcp()));
    sockets.push_back({"rest", std::move(fd)});
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("rest-listeners: ", address,
                   " is not unix://PATH, tcp://ADDRESS:PORT or fd://"));
}

}  // namespace

absl::StatusOr<std::vector<NamedSocket>> OpenSockets(const Service& service,
                                                     const TugdConfig& config,
                                                     gid_t group) {
  std::vector<NamedSocket> sockets;
  // The gateway's user, whom the services' gRPC sockets are for: root's would
  // be open to a service that is root by its number but lacks DAC_OVERRIDE.
  // Tickets are redeemed by services too.
  const uid_t gateway = AccountOf(*FindService("gatewayd"), config).uid;
  const auto add = [&](const char* name, const std::string& file,
                       uid_t user) -> absl::Status {
    ASSIGN_OR_RETURN(UniqueFd fd,
                     ListenFor(absl::StrCat(config.run_directory(), "/", file),
                               {user, group}));
    sockets.push_back({name, std::move(fd)});
    return absl::OkStatus();
  };
  if (!service.speaks_rest) {
    RETURN_IF_ERROR(add("rpc", absl::StrCat(service.name, ".sock"), gateway));
    RETURN_IF_ERROR(
        add("bytes", absl::StrCat(service.name, ".bytes.sock"), geteuid()));
    return sockets;
  }
  RETURN_IF_ERROR(add("rest", kRestSocket, geteuid()));
  for (const std::string& address : config.rest_listeners()) {
    RETURN_IF_ERROR(AddRestListener(address, config, group, sockets));
  }
  return sockets;
}

}  // namespace tug::tugd
