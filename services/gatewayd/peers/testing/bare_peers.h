// SPDX-License-Identifier: Apache-2.0
//
// Services of which nothing is expected: every call fails. A test derives from
// them and overrides what it wants answered.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "services/gatewayd/lastknown/last_known_objects.h"
#include "services/gatewayd/peers/peers.h"

namespace tug::gatewayd {

inline absl::Status NotExpected(absl::string_view call) {
  return absl::UnimplementedError(absl::StrCat("unexpected call: ", call));
}

class BareContainerClient : public ContainerClient {
 public:
  absl::StatusOr<runtime::v1::Container> CreateContainer(
      const runtime::v1::CreateContainerRequest&) override {
    return NotExpected("CreateContainer");
  }
  absl::StatusOr<runtime::v1::Container> CommitContainer(
      const runtime::v1::CommitContainerRequest&) override {
    return NotExpected("CommitContainer");
  }
  absl::Status AbandonContainer(
      const runtime::v1::AbandonContainerRequest&) override {
    return NotExpected("AbandonContainer");
  }
  absl::StatusOr<runtime::v1::Container> GetContainer(
      const runtime::v1::GetContainerRequest&) override {
    return NotExpected("GetContainer");
  }
  absl::StatusOr<runtime::v1::ListContainersResponse> ListContainers(
      const runtime::v1::ListContainersRequest&) override {
    return NotExpected("ListContainers");
  }
  absl::StatusOr<runtime::v1::Container> RenameContainer(
      const runtime::v1::RenameContainerRequest&) override {
    return NotExpected("RenameContainer");
  }
  absl::StatusOr<runtime::v1::UpdateContainerResponse> UpdateContainer(
      const runtime::v1::UpdateContainerRequest&) override {
    return NotExpected("UpdateContainer");
  }
  absl::StatusOr<runtime::v1::Container> StartContainer(
      const runtime::v1::StartContainerRequest&) override {
    return NotExpected("StartContainer");
  }
  absl::StatusOr<runtime::v1::StopContainerResponse> StopContainer(
      const runtime::v1::StopContainerRequest&, Cancellation*) override {
    return NotExpected("StopContainer");
  }
  absl::Status KillContainer(
      const runtime::v1::KillContainerRequest&) override {
    return NotExpected("KillContainer");
  }
  absl::StatusOr<runtime::v1::Container> PauseContainer(
      const runtime::v1::PauseContainerRequest&) override {
    return NotExpected("PauseContainer");
  }
  absl::StatusOr<runtime::v1::Container> UnpauseContainer(
      const runtime::v1::UnpauseContainerRequest&) override {
    return NotExpected("UnpauseContainer");
  }
  absl::Status WaitContainer(
      const runtime::v1::WaitContainerRequest&, Cancellation*,
      absl::FunctionRef<
          absl::Status(const runtime::v1::WaitContainerResponse&)>) override {
    return NotExpected("WaitContainer");
  }
  absl::StatusOr<runtime::v1::Container> BeginRemoveContainer(
      const runtime::v1::BeginRemoveContainerRequest&) override {
    return NotExpected("BeginRemoveContainer");
  }
  absl::Status FinishRemoveContainer(
      const runtime::v1::FinishRemoveContainerRequest&) override {
    return NotExpected("FinishRemoveContainer");
  }
  absl::Status ResizeContainer(
      const runtime::v1::ResizeContainerRequest&) override {
    return NotExpected("ResizeContainer");
  }
  absl::StatusOr<runtime::v1::AttachContainerResponse> AttachContainer(
      const runtime::v1::AttachContainerRequest&) override {
    return NotExpected("AttachContainer");
  }
  absl::Status ReadLogs(
      const runtime::v1::ReadLogsRequest&, Cancellation*,
      absl::FunctionRef<absl::Status(const runtime::v1::ReadLogsResponse&)>)
      override {
    return NotExpected("ReadLogs");
  }
  absl::StatusOr<runtime::v1::ListProcessesResponse> ListProcesses(
      const runtime::v1::ListProcessesRequest&) override {
    return NotExpected("ListProcesses");
  }
  absl::Status WatchStats(
      const runtime::v1::WatchStatsRequest&, Cancellation*,
      absl::FunctionRef<absl::Status(const runtime::v1::ContainerStats&)>)
      override {
    return NotExpected("WatchStats");
  }
  absl::StatusOr<runtime::v1::GetNetworkNamespaceResponse> GetNetworkNamespace(
      const runtime::v1::GetNetworkNamespaceRequest&) override {
    return NotExpected("GetNetworkNamespace");
  }
};

class BareExecClient : public ExecClient {
 public:
  absl::StatusOr<runtime::v1::Exec> CreateExec(
      const runtime::v1::CreateExecRequest&) override {
    return NotExpected("CreateExec");
  }
  absl::StatusOr<runtime::v1::Exec> GetExec(
      const runtime::v1::GetExecRequest&) override {
    return NotExpected("GetExec");
  }
  absl::StatusOr<runtime::v1::StartExecResponse> StartExec(
      const runtime::v1::StartExecRequest&) override {
    return NotExpected("StartExec");
  }
  absl::Status ResizeExec(const runtime::v1::ResizeExecRequest&) override {
    return NotExpected("ResizeExec");
  }
  absl::StatusOr<runtime::v1::Exec> WaitExec(
      const runtime::v1::WaitExecRequest&) override {
    return NotExpected("WaitExec");
  }
};

class BareImageClient : public ImageClient {
 public:
  absl::Status PullImage(
      const image::v1::PullImageRequest&, Cancellation*,
      absl::FunctionRef<absl::Status(const image::v1::PullImageResponse&)>)
      override {
    return NotExpected("PullImage");
  }
  absl::StatusOr<image::v1::Image> GetImage(
      const image::v1::GetImageRequest&) override {
    return NotExpected("GetImage");
  }
  absl::StatusOr<image::v1::ListImagesResponse> ListImages(
      const image::v1::ListImagesRequest&) override {
    return NotExpected("ListImages");
  }
  absl::Status TagImage(const image::v1::TagImageRequest&) override {
    return NotExpected("TagImage");
  }
  absl::StatusOr<image::v1::RemoveImageResponse> RemoveImage(
      const image::v1::RemoveImageRequest&) override {
    return NotExpected("RemoveImage");
  }
  absl::StatusOr<image::v1::PruneImagesResponse> PruneImages(
      const image::v1::PruneImagesRequest&) override {
    return NotExpected("PruneImages");
  }
  absl::Status LoadImages(
      const image::v1::LoadImagesRequest&, Cancellation*,
      absl::FunctionRef<absl::Status(const image::v1::LoadImagesResponse&)>)
      override {
    return NotExpected("LoadImages");
  }
  absl::Status SaveImages(
      const image::v1::SaveImagesRequest&, Cancellation*,
      absl::FunctionRef<absl::Status(const image::v1::SaveImagesResponse&)>)
      override {
    return NotExpected("SaveImages");
  }
  absl::Status ImportImage(
      const image::v1::ImportImageRequest&, Cancellation*,
      absl::FunctionRef<absl::Status(const image::v1::ImportImageResponse&)>)
      override {
    return NotExpected("ImportImage");
  }
};

class BareSnapshotClient : public SnapshotClient {
 public:
  absl::StatusOr<image::v1::Snapshot> PrepareSnapshot(
      const image::v1::PrepareSnapshotRequest&) override {
    return NotExpected("PrepareSnapshot");
  }
  absl::StatusOr<image::v1::Snapshot> GetSnapshot(
      const image::v1::GetSnapshotRequest&) override {
    return NotExpected("GetSnapshot");
  }
  absl::Status ReleaseSnapshot(
      const image::v1::ReleaseSnapshotRequest&) override {
    return NotExpected("ReleaseSnapshot");
  }
  absl::StatusOr<image::v1::ListLeasesResponse> ListLeases(
      const image::v1::ListLeasesRequest&) override {
    return NotExpected("ListLeases");
  }
  absl::StatusOr<image::v1::GetUsageResponse> GetUsage(
      const image::v1::GetUsageRequest&) override {
    return NotExpected("GetUsage");
  }
  absl::Status ReadTree(
      const image::v1::ReadTreeRequest&, Cancellation*,
      absl::FunctionRef<absl::Status(const image::v1::ReadTreeResponse&)>)
      override {
    return NotExpected("ReadTree");
  }
  absl::StatusOr<image::v1::DiffSnapshotResponse> DiffSnapshot(
      const image::v1::DiffSnapshotRequest&) override {
    return NotExpected("DiffSnapshot");
  }
};

class BareNetworkClient : public NetworkClient {
 public:
  absl::StatusOr<network::v1::Network> CreateNetwork(
      const network::v1::CreateNetworkRequest&) override {
    return NotExpected("CreateNetwork");
  }
  absl::StatusOr<network::v1::Network> GetNetwork(
      const network::v1::GetNetworkRequest&) override {
    return NotExpected("GetNetwork");
  }
  absl::StatusOr<network::v1::ListNetworksResponse> ListNetworks(
      const network::v1::ListNetworksRequest&) override {
    return NotExpected("ListNetworks");
  }
  absl::Status RemoveNetwork(
      const network::v1::RemoveNetworkRequest&) override {
    return NotExpected("RemoveNetwork");
  }
  absl::StatusOr<network::v1::HostNetworking> GetHostNetworking() override {
    return NotExpected("GetHostNetworking");
  }
};

class BareSandboxClient : public SandboxClient {
 public:
  absl::StatusOr<network::v1::Sandbox> ReserveSandbox(
      const network::v1::ReserveSandboxRequest&) override {
    return NotExpected("ReserveSandbox");
  }
  absl::StatusOr<network::v1::AttachSandboxResponse> AttachSandbox(
      const network::v1::AttachSandboxRequest&) override {
    return NotExpected("AttachSandbox");
  }
  absl::Status DetachSandbox(
      const network::v1::DetachSandboxRequest&) override {
    return NotExpected("DetachSandbox");
  }
  absl::Status ReleaseSandbox(
      const network::v1::ReleaseSandboxRequest&) override {
    return NotExpected("ReleaseSandbox");
  }
  absl::Status AdoptSandbox(const network::v1::AdoptSandboxRequest&) override {
    return NotExpected("AdoptSandbox");
  }
  absl::StatusOr<network::v1::Sandbox> GetSandbox(
      const network::v1::GetSandboxRequest&) override {
    return NotExpected("GetSandbox");
  }
  absl::StatusOr<network::v1::ListSandboxesResponse> ListSandboxes(
      const network::v1::ListSandboxesRequest&) override {
    return NotExpected("ListSandboxes");
  }
  absl::StatusOr<network::v1::Sandbox> ConnectNetwork(
      const network::v1::ConnectNetworkRequest&) override {
    return NotExpected("ConnectNetwork");
  }
  absl::StatusOr<network::v1::Sandbox> DisconnectNetwork(
      const network::v1::DisconnectNetworkRequest&) override {
    return NotExpected("DisconnectNetwork");
  }
  absl::Status RemoveLink(const network::v1::RemoveLinkRequest&) override {
    return NotExpected("RemoveLink");
  }
  absl::Status RenameSandbox(
      const network::v1::RenameSandboxRequest&) override {
    return NotExpected("RenameSandbox");
  }
};

class BareVolumeClient : public VolumeClient {
 public:
  absl::StatusOr<volume::v1::Volume> CreateVolume(
      const volume::v1::CreateVolumeRequest&) override {
    return NotExpected("CreateVolume");
  }
  absl::StatusOr<volume::v1::Volume> GetVolume(
      const volume::v1::GetVolumeRequest&) override {
    return NotExpected("GetVolume");
  }
  absl::StatusOr<volume::v1::ListVolumesResponse> ListVolumes(
      const volume::v1::ListVolumesRequest&) override {
    return NotExpected("ListVolumes");
  }
  absl::Status RemoveVolume(const volume::v1::RemoveVolumeRequest&) override {
    return NotExpected("RemoveVolume");
  }
  absl::Status PopulateVolume(
      const volume::v1::PopulateVolumeRequest&, Cancellation*,
      absl::FunctionRef<
          absl::Status(const volume::v1::PopulateVolumeResponse&)>) override {
    return NotExpected("PopulateVolume");
  }
  absl::StatusOr<volume::v1::AcquireVolumesResponse> AcquireVolumes(
      const volume::v1::AcquireVolumesRequest&) override {
    return NotExpected("AcquireVolumes");
  }
  absl::StatusOr<volume::v1::MountVolumesResponse> MountVolumes(
      const volume::v1::MountVolumesRequest&) override {
    return NotExpected("MountVolumes");
  }
  absl::Status UnmountVolumes(
      const volume::v1::UnmountVolumesRequest&) override {
    return NotExpected("UnmountVolumes");
  }
  absl::Status ReleaseLease(const volume::v1::ReleaseLeaseRequest&) override {
    return NotExpected("ReleaseLease");
  }
  absl::StatusOr<volume::v1::ListLeasesResponse> ListLeases(
      const volume::v1::ListLeasesRequest&) override {
    return NotExpected("ListLeases");
  }
};

class BareRegistryClient : public RegistryClient {
 public:
  absl::StatusOr<registry::v1::OpenSessionResponse> OpenSession(
      const registry::v1::OpenSessionRequest&) override {
    return NotExpected("OpenSession");
  }
  absl::Status CloseSession(const registry::v1::CloseSessionRequest&) override {
    return NotExpected("CloseSession");
  }
  absl::StatusOr<registry::v1::CheckCredentialsResponse> CheckCredentials(
      const registry::v1::CheckCredentialsRequest&) override {
    return NotExpected("CheckCredentials");
  }
  absl::StatusOr<registry::v1::ResolveReferenceResponse> ResolveReference(
      const registry::v1::ResolveReferenceRequest&) override {
    return NotExpected("ResolveReference");
  }
  absl::StatusOr<registry::v1::GetManifestResponse> GetManifest(
      const registry::v1::GetManifestRequest&) override {
    return NotExpected("GetManifest");
  }
  absl::Status ReadBlob(
      const registry::v1::ReadBlobRequest&, Cancellation*,
      absl::FunctionRef<absl::Status(const registry::v1::ReadBlobResponse&)>)
      override {
    return NotExpected("ReadBlob");
  }
  absl::StatusOr<registry::v1::ListTagsResponse> ListTags(
      const registry::v1::ListTagsRequest&) override {
    return NotExpected("ListTags");
  }
};

class BareTicketRedeemer : public TicketRedeemer {
 public:
  absl::StatusOr<UniqueFd> Redeem(const type::v1::StreamTicket&) override {
    return NotExpected("Redeem");
  }
};

// All of them, for tables of routes that are made but not called.
struct BarePeers {
  BareContainerClient containers;
  BareExecClient execs;
  BareImageClient images;
  BareSnapshotClient snapshots;
  BareNetworkClient networks;
  BareSandboxClient sandboxes;
  BareVolumeClient volumes;
  BareRegistryClient registries;
  BareTicketRedeemer tickets;
  EventBus own_events;
  LastKnownObjects known;

  Peers AsPeers() {
    return {containers, execs,      images,  snapshots,  networks, sandboxes,
            volumes,    registries, tickets, own_events, known};
  }
};

}  // namespace tug::gatewayd
