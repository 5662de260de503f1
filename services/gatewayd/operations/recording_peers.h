// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "services/gatewayd/lastknown/last_known_objects.h"
#include "services/gatewayd/peers/testing/bare_peers.h"

namespace tug::gatewayd {

// The services of a test: every call that a sequence makes is written down,
// and one of them can be made to fail.
//
// Thread-safe where sequences call in parallel.
class RecordingPeers {
 public:
  // The container that GetContainer answers with.
  runtime::v1::Container container;
  image::v1::Image image;
  // Names of the calls that fail.
  std::string failing;
  std::string also_failing;
  absl::StatusCode failure = absl::StatusCode::kInternal;
  // A start that fails has happened all the same.
  bool starts_anyway = false;
  // State of new volumes.
  volume::v1::Volume::State volume_state = volume::v1::Volume::READY;

  std::vector<std::string> calls() {
    absl::MutexLock lock(&mutex_);
    return calls_;
  }
  std::set<std::string> call_set() {
    const std::vector<std::string> all = calls();
    return {all.begin(), all.end()};
  }
  const Peers& peers() const { return peers_; }
  runtime::v1::CommitContainerRequest committed;
  runtime::v1::StartContainerRequest started;
  network::v1::ReserveSandboxRequest reserved;
  runtime::v1::BeginRemoveContainerRequest removal;
  volume::v1::CreateVolumeRequest volume;
  volume::v1::ReleaseLeaseRequest volumes_release;
  // What ends a copy from an image.
  Cancellation* copy_cancellation = nullptr;
  // Runs during StopContainer, with what may end it.
  std::function<void(Cancellation*)> during_stop = [](Cancellation*) {};

 private:
  // Writes the call down, and fails it when asked to.
  absl::Status Note(const char* call) {
    absl::MutexLock lock(&mutex_);
    calls_.push_back(call);
    return failing == call || also_failing == call
               ? absl::Status(failure, "asked to fail")
               : absl::OkStatus();
  }

  struct Containers : BareContainerClient {
    explicit Containers(RecordingPeers& parent) : parent(parent) {}
    absl::StatusOr<runtime::v1::Container> CreateContainer(
        const runtime::v1::CreateContainerRequest& request) override {
      absl::Status status = parent.Note("CreateContainer");
      if (!status.ok()) return status;
      runtime::v1::Container made;
      made.set_id(request.id());
      made.set_name(request.name().empty() ? "made_up" : request.name());
      *made.mutable_config() = request.config();
      *made.mutable_host_config() = request.host_config();
      return made;
    }
    absl::StatusOr<runtime::v1::Container> CommitContainer(
        const runtime::v1::CommitContainerRequest& request) override {
      parent.committed = request;
      absl::Status status = parent.Note("CommitContainer");
      if (!status.ok()) return status;
      return runtime::v1::Container();
    }
    absl::Status AbandonContainer(
        const runtime::v1::AbandonContainerRequest&) override {
      return parent.Note("AbandonContainer");
    }
    absl::StatusOr<runtime::v1::Container> GetContainer(
        const runtime::v1::GetContainerRequest&) override {
      absl::Status status = parent.Note("GetContainer");
      if (!status.ok()) return status;
      if (parent.container.id().empty()) {
        return absl::NotFoundError("no container");
      }
      return parent.container;
    }
    absl::StatusOr<runtime::v1::Container> StartContainer(
        const runtime::v1::StartContainerRequest& request) override {
      parent.started = request;
      if (parent.starts_anyway) {
        parent.container.mutable_started_at()->set_seconds(9);
      }
      absl::Status status = parent.Note("StartContainer");
      if (!status.ok()) return status;
      return parent.container;
    }
    absl::StatusOr<runtime::v1::StopContainerResponse> StopContainer(
        const runtime::v1::StopContainerRequest&,
        Cancellation* cancellation) override {
      absl::Status status = parent.Note("StopContainer");
      if (!status.ok()) return status;
      parent.during_stop(cancellation);
      return runtime::v1::StopContainerResponse();
    }
    absl::StatusOr<runtime::v1::Container> BeginRemoveContainer(
        const runtime::v1::BeginRemoveContainerRequest& request) override {
      parent.removal = request;
      absl::Status status = parent.Note("BeginRemoveContainer");
      if (!status.ok()) return status;
      return parent.container;
    }
    absl::Status FinishRemoveContainer(
        const runtime::v1::FinishRemoveContainerRequest&) override {
      return parent.Note("FinishRemoveContainer");
    }
    absl::StatusOr<runtime::v1::GetNetworkNamespaceResponse>
    GetNetworkNamespace(
        const runtime::v1::GetNetworkNamespaceRequest&) override {
      absl::Status status = parent.Note("GetNetworkNamespace");
      if (!status.ok()) return status;
      return runtime::v1::GetNetworkNamespaceResponse();
    }
    RecordingPeers& parent;
  };
  struct Images : BareImageClient {
    explicit Images(RecordingPeers& parent) : parent(parent) {}
    absl::StatusOr<image::v1::Image> GetImage(
        const image::v1::GetImageRequest&) override {
      absl::Status status = parent.Note("GetImage");
      if (!status.ok()) return status;
      return parent.image;
    }
    RecordingPeers& parent;
  };
  struct Snapshots : BareSnapshotClient {
    explicit Snapshots(RecordingPeers& parent) : parent(parent) {}
    absl::StatusOr<image::v1::Snapshot> PrepareSnapshot(
        const image::v1::PrepareSnapshotRequest&) override {
      absl::Status status = parent.Note("PrepareSnapshot");
      if (!status.ok()) return status;
      image::v1::Snapshot snapshot;
      snapshot.set_directory("/d");
      snapshot.add_lower("l/1");
      return snapshot;
    }
    absl::Status ReleaseSnapshot(
        const image::v1::ReleaseSnapshotRequest&) override {
      return parent.Note("ReleaseSnapshot");
    }
    absl::Status ReadTree(
        const image::v1::ReadTreeRequest&, Cancellation* cancellation,
        absl::FunctionRef<absl::Status(const image::v1::ReadTreeResponse&)>
            on_message) override {
      parent.copy_cancellation = cancellation;
      absl::Status status = parent.Note("ReadTree");
      if (!status.ok()) return status;
      image::v1::ReadTreeResponse response;
      response.set_absent(true);
      return on_message(response);
    }
    RecordingPeers& parent;
  };
  struct Sandboxes : BareSandboxClient {
    explicit Sandboxes(RecordingPeers& parent) : parent(parent) {}
    absl::StatusOr<network::v1::Sandbox> ReserveSandbox(
        const network::v1::ReserveSandboxRequest& request) override {
      parent.reserved = request;
      absl::Status status = parent.Note("ReserveSandbox");
      if (!status.ok()) return status;
      return network::v1::Sandbox();
    }
    absl::StatusOr<network::v1::AttachSandboxResponse> AttachSandbox(
        const network::v1::AttachSandboxRequest&) override {
      absl::Status status = parent.Note("AttachSandbox");
      if (!status.ok()) return status;
      network::v1::AttachSandboxResponse response;
      response.mutable_sandbox()->set_hosts_path("/hosts");
      return response;
    }
    absl::Status DetachSandbox(
        const network::v1::DetachSandboxRequest&) override {
      return parent.Note("DetachSandbox");
    }
    absl::Status ReleaseSandbox(
        const network::v1::ReleaseSandboxRequest&) override {
      return parent.Note("ReleaseSandbox");
    }
    absl::StatusOr<network::v1::Sandbox> GetSandbox(
        const network::v1::GetSandboxRequest&) override {
      absl::Status status = parent.Note("GetSandbox");
      if (!status.ok()) return status;
      network::v1::Sandbox sandbox;
      sandbox.set_mode(network::v1::Sandbox::NETWORKED);
      return sandbox;
    }
    absl::Status AdoptSandbox(
        const network::v1::AdoptSandboxRequest&) override {
      return parent.Note("AdoptSandbox");
    }
    RecordingPeers& parent;
  };
  struct Volumes : BareVolumeClient {
    explicit Volumes(RecordingPeers& parent) : parent(parent) {}
    absl::StatusOr<volume::v1::Volume> CreateVolume(
        const volume::v1::CreateVolumeRequest& request) override {
      parent.volume = request;
      absl::Status status = parent.Note("CreateVolume");
      if (!status.ok()) return status;
      return Named(request.name().empty() ? "anonymous" : request.name());
    }
    absl::StatusOr<volume::v1::AcquireVolumesResponse> AcquireVolumes(
        const volume::v1::AcquireVolumesRequest& request) override {
      absl::Status status = parent.Note("AcquireVolumes");
      if (!status.ok()) return status;
      volume::v1::AcquireVolumesResponse response;
      for (const std::string& name : request.names()) {
        *response.add_volumes() = Named(name);
      }
      return response;
    }
    absl::Status PopulateVolume(
        const volume::v1::PopulateVolumeRequest&, Cancellation*,
        absl::FunctionRef<
            absl::Status(const volume::v1::PopulateVolumeResponse&)>) override {
      return parent.Note("PopulateVolume");
    }
    absl::StatusOr<volume::v1::MountVolumesResponse> MountVolumes(
        const volume::v1::MountVolumesRequest&) override {
      absl::Status status = parent.Note("MountVolumes");
      if (!status.ok()) return status;
      volume::v1::MountVolumesResponse response;
      (*response.mutable_paths())["data"] = "/v/data";
      return response;
    }
    absl::Status UnmountVolumes(
        const volume::v1::UnmountVolumesRequest&) override {
      return parent.Note("UnmountVolumes");
    }
    absl::Status ReleaseLease(
        const volume::v1::ReleaseLeaseRequest& request) override {
      parent.volumes_release = request;
      return parent.Note("ReleaseLease");
    }
    volume::v1::Volume Named(const std::string& name) const {
      volume::v1::Volume volume;
      volume.set_name(name);
      volume.set_driver("local");
      volume.set_mountpoint("/v/" + name);
      volume.set_state(parent.volume_state);
      return volume;
    }
    RecordingPeers& parent;
  };
  struct Tickets : TicketRedeemer {
    absl::StatusOr<UniqueFd> Redeem(const type::v1::StreamTicket&) override {
      return NotExpected("Redeem");
    }
  };

  absl::Mutex mutex_;
  std::vector<std::string> calls_ ABSL_GUARDED_BY(mutex_);
  Containers containers_{*this};
  BareExecClient execs_;
  Images images_{*this};
  Snapshots snapshots_{*this};
  BareNetworkClient networks_;
  Sandboxes sandboxes_{*this};
  Volumes volumes_{*this};
  BareRegistryClient registries_;
  Tickets tickets_;
  EventBus own_events_;
  LastKnownObjects known_;
  const Peers peers_ = {containers_, execs_,      images_,  snapshots_,
                        networks_,   sandboxes_,  volumes_, registries_,
                        tickets_,    own_events_, known_};
};

}  // namespace tug::gatewayd
