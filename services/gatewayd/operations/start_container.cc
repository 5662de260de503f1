// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/operations/start_container.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/gatewayd/operations/named_error.h"
#include "services/gatewayd/operations/release_leases.h"
#include "services/gatewayd/operations/remove_container.h"
#include "services/gatewayd/operations/sandbox_settings.h"
#include "services/gatewayd/operations/undo.h"
#include "services/gatewayd/server/docker_error.h"
#include "services/gatewayd/translate/status_prose.h"

namespace tug::gatewayd {
namespace {

using runtime::v1::Container;

constexpr char kNetworking[] = "failed to set up container networking: ";

absl::Status CheckState(const Container& container) {
  switch (container.state()) {
    case runtime::v1::CONTAINER_STATE_RUNNING:
    case runtime::v1::CONTAINER_STATE_RESTARTING:
      return DockerError(304, "");
    case runtime::v1::CONTAINER_STATE_PAUSED:
      return DockerError(
          409, "cannot start a paused container, try unpause instead");
    case runtime::v1::CONTAINER_STATE_REMOVING:
      return DockerError(
          409, "container is marked for removal and cannot be started");
    default:
      return absl::OkStatus();
  }
}

// Settings of the container whose network is shared.
absl::Status JoinContainer(const Peers& peers, const std::string& reference,
                           runtime::v1::StartContainerRequest& start) {
  runtime::v1::GetContainerRequest request;
  request.set_reference(reference);
  const auto target = peers.containers.GetContainer(request);
  if (!target.ok()) return NamedError(target.status(), reference);
  if (target->state() != runtime::v1::CONTAINER_STATE_RUNNING &&
      target->state() != runtime::v1::CONTAINER_STATE_PAUSED) {
    return DockerError(
        409, absl::StrCat("cannot join network namespace of a non running "
                          "container: container ",
                          target->name(), " is ", StateWord(target->state())));
  }
  start.set_hosts_path(target->hosts_path());
  start.set_resolv_conf_path(target->resolv_conf_path());
  start.set_hostname(target->config().hostname());
  return absl::OkStatus();
}

absl::Status AttachSandbox(const Peers& peers, const Container& container,
                           runtime::v1::StartContainerRequest& start) {
  network::v1::AttachSandboxRequest request;
  request.set_lease(container.id());
  auto attached = peers.sandboxes.AttachSandbox(request);
  if (!attached.ok()) {
    const absl::Status& status = attached.status();
    const bool unknown = StatusReason(status) == "NETWORK_UNKNOWN";
    const auto metadata = StatusMetadata(status);
    const auto network = metadata.find("network");
    if (!unknown) return NamedError(status, container.name(), "");
    return NamedError(status,
                      network != metadata.end()
                          ? network->second
                          : container.host_config().network_mode(),
                      kNetworking);
  }
  if (attached->has_network_namespace()) {
    *start.mutable_network_namespace() = attached->network_namespace();
  }
  start.set_hosts_path(attached->sandbox().hosts_path());
  start.set_resolv_conf_path(attached->sandbox().resolv_conf_path());
  *start.mutable_network_sysctls() = attached->sysctls();
  return absl::OkStatus();
}

absl::Status MountVolumes(const Peers& peers, const Container& container,
                          runtime::v1::StartContainerRequest& start) {
  volume::v1::MountVolumesRequest request;
  request.set_lease(container.id());
  for (const runtime::v1::MountPoint& point : container.mounts()) {
    if (point.type() != "volume") continue;
    volume::v1::MountVolumesRequest::Use& use = *request.add_uses();
    use.set_name(point.name());
    use.set_destination(point.destination());
    use.set_writable(!point.read_only());
    use.set_propagation(point.propagation());
  }
  const auto mounted = peers.volumes.MountVolumes(request);
  if (!mounted.ok()) return NamedError(mounted.status(), container.name());
  *start.mutable_volume_paths() = mounted->paths();
  return absl::OkStatus();
}

// Volumes first: a mount may wait for a remote host, and the network is handed
// over by a ticket that does not live long.
absl::Status TakeRunning(const Peers& peers, const Container& container,
                         runtime::v1::StartContainerRequest& start) {
  const bool has_volumes =
      std::any_of(container.mounts().begin(), container.mounts().end(),
                  [](const auto& point) { return point.type() == "volume"; });
  if (has_volumes) RETURN_IF_ERROR(MountVolumes(peers, container, start));
  const std::string shared =
      ContainerOfMode(container.host_config().network_mode());
  return shared.empty() ? AttachSandbox(peers, container, start)
                        : JoinContainer(peers, shared, start);
}

// How long the runtime may be away before a start without an answer is given
// up.
constexpr absl::Duration kLostAnswer = absl::Seconds(10);
constexpr absl::Duration kAskAgain = absl::Milliseconds(20);

// The runtime has died under a start: its next life knows whether the container
// runs, which must keep its network then.
bool HasStarted(const Peers& peers, const Container& before) {
  runtime::v1::GetContainerRequest request;
  request.set_reference(before.id());
  const absl::Time deadline = absl::Now() + kLostAnswer;
  for (;;) {
    const auto now = peers.containers.GetContainer(request);
    if (now.ok()) {
      return now->started_at().SerializeAsString() !=
             before.started_at().SerializeAsString();
    }
    if (!absl::IsUnavailable(now.status()) || absl::Now() > deadline) {
      return false;
    }
    absl::SleepFor(kAskAgain);
  }
}

absl::Status AskToStart(const Peers& peers, const Container& container,
                        const runtime::v1::StartContainerRequest& start) {
  const absl::Status started = peers.containers.StartContainer(start).status();
  const bool lost =
      absl::IsUnavailable(started) || absl::IsDeadlineExceeded(started);
  return lost && HasStarted(peers, container) ? absl::OkStatus() : started;
}

absl::Status TryStart(const Peers& peers, const Container& container,
                      StartOf part_of) {
  // A namespace that held a container is not used again: the reconciler may
  // not have come round to detaching it.
  if (container.has_started_at()) {
    RETURN_IF_ERROR(ReleaseRunning(peers, container.id()));
  }
  Undo undo;
  undo.Add([&] {
    LogIfError(ReleaseRunning(peers, container.id()),
               "release what a failed start took");
  });
  runtime::v1::StartContainerRequest start;
  start.set_id(container.id());
  start.set_restart(part_of == StartOf::kRestart);
  RETURN_IF_ERROR(TakeRunning(peers, container, start));
  RETURN_IF_ERROR(AskToStart(peers, container, start));
  undo.Commit();
  return absl::OkStatus();
}

}  // namespace

absl::Status StartLocked(const Peers& peers, const Container& container,
                         StartOf part_of) {
  RETURN_IF_ERROR(CheckState(container));
  absl::Status started = TryStart(peers, container, part_of);
  if (!started.ok() && container.host_config().auto_remove()) {
    LogIfError(RemoveLocked(peers, container.id(), /*force=*/true,
                            /*remove_anonymous_volumes=*/true),
               "remove a container that could not be started");
  }
  return started;
}

absl::Status StartContainer(const Peers& peers, ContainerLocks& locks,
                            const std::string& id, Cancellation* client_gone) {
  ASSIGN_OR_RETURN(const ContainerLocks::Lock lock,
                   locks.Acquire(id, client_gone));
  runtime::v1::GetContainerRequest request;
  request.set_reference(id);
  ASSIGN_OR_RETURN(const Container container,
                   peers.containers.GetContainer(request));
  return StartLocked(peers, container);
}

}  // namespace tug::gatewayd
