// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/operations/create_container.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/id.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/gatewayd/operations/link_warnings.h"
#include "services/gatewayd/operations/merge_image_config.h"
#include "services/gatewayd/operations/named_error.h"
#include "services/gatewayd/operations/parallel.h"
#include "services/gatewayd/operations/plan_mounts.h"
#include "services/gatewayd/operations/prepare_volumes.h"
#include "services/gatewayd/operations/remove_container.h"
#include "services/gatewayd/operations/sandbox_settings.h"
#include "services/gatewayd/operations/undo.h"
#include "services/gatewayd/server/docker_error.h"
#include "services/gatewayd/server/request_context.h"
#include "services/gatewayd/translate/errors.h"
#include "services/gatewayd/translate/image_json.h"

namespace tug::gatewayd {
namespace {

using runtime::v1::Container;

absl::StatusOr<Container> Find(const Peers& peers, const std::string& name) {
  runtime::v1::GetContainerRequest request;
  request.set_reference(name);
  return peers.containers.GetContainer(request);
}

absl::StatusOr<image::v1::Image> FindImage(const Peers& peers,
                                           const ContainerDraft& draft) {
  if (draft.config.image().empty()) {
    return DockerError(400, "no command specified");
  }
  image::v1::GetImageRequest request;
  request.set_name(draft.config.image());
  if (draft.platform.has_value()) *request.mutable_platform() = *draft.platform;
  auto image = peers.images.GetImage(request);
  if (!draft.platform.has_value() ||
      StatusReason(image.status()) != "PLATFORM_UNKNOWN") {
    return image;
  }
  const image::v1::Platform& platform = *draft.platform;
  return DockerError(
      404, absl::StrCat(
               "image with reference ", FamiliarImageName(draft.config.image()),
               " was found but does not provide the specified "
               "platform (",
               platform.os(), "/", platform.architecture(),
               platform.variant().empty() ? "" : "/", platform.variant(), ")"));
}

// "container:web" becomes "container:<id>", so that a later rename changes
// nothing. Of an unknown container the network mode stays, as with Docker.
absl::Status ResolveModes(const Peers& peers, runtime::v1::HostConfig& host) {
  const std::string network = ContainerOfMode(host.network_mode());
  if (!network.empty()) {
    const auto target = Find(peers, network);
    if (target.ok()) {
      host.set_network_mode(absl::StrCat("container:", target->id()));
    }
  }
  for (std::string* mode : {host.mutable_pid_mode(), host.mutable_ipc_mode()}) {
    const std::string name = ContainerOfMode(*mode);
    if (name.empty()) continue;
    const auto target = Find(peers, name);
    if (!target.ok()) {
      return DockerError(400, absl::StrCat("No such container: ", name));
    }
    *mode = absl::StrCat("container:", target->id());
  }
  return absl::OkStatus();
}

absl::Status AddLinks(const Peers& peers, const runtime::v1::HostConfig& host,
                      network::v1::ReserveSandboxRequest& request) {
  for (const std::string& text : host.links().values()) {
    const LinkText link = ParseLink(text);
    const auto target = Find(peers, link.container);
    if (!target.ok()) {
      return DockerError(
          400, absl::StrCat("could not get container for ", link.container,
                            ": No such container: ", link.container));
    }
    network::v1::Link& added = *request.add_links();
    added.set_lease(target->id());
    added.set_alias(link.alias);
  }
  return absl::OkStatus();
}

absl::Status SandboxError(const absl::Status& status,
                          const runtime::v1::HostConfig& host) {
  const auto metadata = StatusMetadata(status);
  const auto found = metadata.find("network");
  const std::string network =
      found != metadata.end() ? found->second : host.network_mode();
  const bool invalid = StatusReason(status) == "ENDPOINT_INVALID";
  return NamedError(
      status, network,
      invalid ? absl::StrCat("invalid config for network ", network, ": ")
              : "");
}

// The sequence's state, so that each step is a function of its own.
struct Creation {
  const Peers& peers;
  ContainerDraft draft;
  image::v1::Image image;
  std::vector<PlannedMount> mounts;
  Container container;
  network::v1::ReserveSandboxRequest sandbox;
  bool wants_sandbox = true;
  image::v1::Snapshot snapshot;
  std::vector<EmptyVolume> empty_volumes;
};

absl::Status Reserve(Creation& creation, const std::string& id) {
  runtime::v1::CreateContainerRequest request;
  request.set_id(id);
  request.set_name(creation.draft.name);
  *request.mutable_config() = creation.draft.config;
  *request.mutable_host_config() = creation.draft.host_config;
  request.set_image_id(creation.image.id());
  for (const PlannedMount& mount : creation.mounts) {
    *request.add_mounts() = mount.point;
  }
  request.set_platform(creation.image.os().empty() ? "linux"
                                                   : creation.image.os());
  request.set_image_manifest_descriptor(
      ToDockerJson(EncodeManifestDescriptor(creation.image)));
  request.set_request_id(id);
  ASSIGN_OR_RETURN(creation.container,
                   creation.peers.containers.CreateContainer(request));
  return absl::OkStatus();
}

absl::Status PlanSandbox(Creation& creation) {
  const runtime::v1::HostConfig& host = creation.container.host_config();
  creation.wants_sandbox = ContainerOfMode(host.network_mode()).empty();
  if (!creation.wants_sandbox) return absl::OkStatus();
  ASSIGN_OR_RETURN(
      creation.sandbox,
      MakeSandboxRequest(creation.container, creation.draft.endpoints));
  return AddLinks(creation.peers, host, creation.sandbox);
}

absl::Status PrepareSnapshot(Creation& creation) {
  image::v1::PrepareSnapshotRequest request;
  request.set_lease(creation.container.id());
  request.set_image_id(creation.image.id());
  if (creation.draft.platform.has_value()) {
    *request.mutable_platform() = *creation.draft.platform;
  }
  ASSIGN_OR_RETURN(creation.snapshot,
                   creation.peers.snapshots.PrepareSnapshot(request));
  return absl::OkStatus();
}

absl::Status ReserveSandbox(Creation& creation) {
  const auto sandbox =
      creation.peers.sandboxes.ReserveSandbox(creation.sandbox);
  return sandbox.ok()
             ? absl::OkStatus()
             : SandboxError(sandbox.status(), creation.container.host_config());
}

absl::Status AcquireVolumes(Creation& creation) {
  ASSIGN_OR_RETURN(
      creation.empty_volumes,
      PrepareVolumes(creation.peers, creation.container.id(), creation.mounts));
  return absl::OkStatus();
}

absl::Status TakeLeases(Creation& creation, Cancellation* client_gone) {
  std::vector<std::function<absl::Status()>> steps;
  steps.push_back([&] { return PrepareSnapshot(creation); });
  if (creation.wants_sandbox) {
    steps.push_back([&] { return ReserveSandbox(creation); });
  }
  const bool has_volumes = std::any_of(
      creation.mounts.begin(), creation.mounts.end(),
      [](const PlannedMount& m) { return m.point.type() == "volume"; });
  if (has_volumes) steps.push_back([&] { return AcquireVolumes(creation); });
  RETURN_IF_ERROR(RunParallel(std::move(steps)));
  for (const EmptyVolume& volume : creation.empty_volumes) {
    RETURN_IF_ERROR(
        CopyUp(creation.peers, creation.container.id(), volume, client_gone));
  }
  return absl::OkStatus();
}

absl::Status Commit(const Creation& creation) {
  runtime::v1::CommitContainerRequest request;
  request.set_id(creation.container.id());
  runtime::v1::RootFileSystem& root = *request.mutable_root_file_system();
  root.set_directory(creation.snapshot.directory());
  *root.mutable_lower() = creation.snapshot.lower();
  root.set_upper(creation.snapshot.upper());
  root.set_work(creation.snapshot.work());
  for (const PlannedMount& mount : creation.mounts) {
    *request.add_mounts() = mount.point;
  }
  return creation.peers.containers.CommitContainer(request).status();
}

// Everything that needs no other service's state to change.
absl::Status Plan(Creation& creation) {
  ContainerDraft& draft = creation.draft;
  RETURN_IF_ERROR(CheckNetworkSettings(draft.config, draft.host_config));
  RETURN_IF_ERROR(ResolveModes(creation.peers, draft.host_config));
  ASSIGN_OR_RETURN(creation.image, FindImage(creation.peers, draft));
  MergeImageConfig(creation.image.config(), draft.config);
  ASSIGN_OR_RETURN(draft.name, CheckContainerName(draft.name));
  ASSIGN_OR_RETURN(
      creation.mounts,
      PlanMounts(draft.config, draft.host_config, [&](const std::string& name) {
        return Find(creation.peers, name);
      }));
  if (!draft.binds_read_only_recursively) {
    LeaveSubMountsWritable(creation.mounts);
  }
  return absl::OkStatus();
}

CreatedContainer Result(const Creation& creation) {
  CreatedContainer created;
  created.id = creation.container.id();
  const auto& given = creation.container.warnings();
  created.warnings.assign(given.begin(), given.end());
  for (std::string& text : NetworkWarnings(creation.draft.host_config)) {
    created.warnings.push_back(std::move(text));
  }
  for (std::string& text :
       LinkWarnings(creation.peers, creation.draft.host_config,
                    creation.draft.endpoints)) {
    created.warnings.push_back(std::move(text));
  }
  return created;
}

}  // namespace

absl::StatusOr<std::string> CheckContainerName(const std::string& name) {
  const bool slash = absl::StartsWith(name, "/");
  const std::string bare = slash ? name.substr(1) : name;
  if (bare.empty() && !slash) return bare;
  const auto is_inner = [](char c) {
    return absl::ascii_isalnum(c) || c == '_' || c == '.' || c == '-';
  };
  if (bare.size() < 2 || !absl::ascii_isalnum(bare[0]) ||
      !std::all_of(bare.begin(), bare.end(), is_inner)) {
    return DockerError(400, absl::StrCat("Invalid container name (", name,
                                         "), only [a-zA-Z0-9][a-zA-Z0-9_.-] "
                                         "are allowed"));
  }
  return bare;
}

absl::StatusOr<CreatedContainer> CreateContainer(const Peers& peers,
                                                 ContainerLocks& locks,
                                                 ContainerDraft draft,
                                                 Cancellation* client_gone) {
  Creation creation{peers, std::move(draft), {}, {}, {}, {}, true, {}, {}};
  RETURN_IF_ERROR(Plan(creation));
  const std::string id = NewId();
  ASSIGN_OR_RETURN(const ContainerLocks::Lock lock, locks.Acquire(id));
  bool leased = false;
  Undo undo;
  undo.Add([&] {
    LogIfError(AbandonCreation(peers, id, leased), "abandon a failed create");
  });
  RETURN_IF_ERROR(Reserve(creation, id));
  RETURN_IF_ERROR(PlanSandbox(creation));
  leased = true;
  RETURN_IF_ERROR(TakeLeases(creation, client_gone));
  RETURN_IF_ERROR(Commit(creation));
  undo.Commit();
  return Result(creation);
}

}  // namespace tug::gatewayd
