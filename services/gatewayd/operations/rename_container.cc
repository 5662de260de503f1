// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/operations/rename_container.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/log.h"
#include "lib/base/status_macros.h"
#include "services/gatewayd/operations/create_container.h"
#include "services/gatewayd/operations/named_error.h"
#include "services/gatewayd/operations/sandbox_settings.h"
#include "services/gatewayd/server/docker_error.h"

namespace tug::gatewayd {
namespace {

constexpr char kPrefix[] = "Error when allocating new name: ";

absl::Status Rename(const Peers& peers, const std::string& id,
                    const std::string& name) {
  runtime::v1::RenameContainerRequest request;
  request.set_id(id);
  request.set_name(name);
  return peers.containers.RenameContainer(request).status();
}

}  // namespace

absl::Status RenameContainer(const Peers& peers, ContainerLocks& locks,
                             const runtime::v1::Container& container,
                             const std::string& new_name,
                             Cancellation* client_gone) {
  if (new_name.empty()) {
    return DockerError(400, "Neither old nor new names may be empty");
  }
  const std::string slashed =
      absl::StartsWith(new_name, "/") ? new_name : absl::StrCat("/", new_name);
  const auto name = CheckContainerName(slashed);
  if (!name.ok()) return NamedError(name.status(), new_name, kPrefix);
  if (*name == container.name()) {
    return DockerError(
        400, "Renaming a container with the same name as its current name");
  }
  ASSIGN_OR_RETURN(const ContainerLocks::Lock lock,
                   locks.Acquire(container.id(), client_gone));
  const absl::Status renamed = Rename(peers, container.id(), *name);
  if (!renamed.ok()) return NamedError(renamed, *name, kPrefix);
  if (!ContainerOfMode(container.host_config().network_mode()).empty()) {
    return absl::OkStatus();
  }
  network::v1::RenameSandboxRequest request;
  request.set_lease(container.id());
  request.set_name(*name);
  const absl::Status followed = peers.sandboxes.RenameSandbox(request);
  if (followed.ok()) return followed;
  LogIfError(Rename(peers, container.id(), container.name()),
             "undo the rename of a container");
  return followed;
}

}  // namespace tug::gatewayd
