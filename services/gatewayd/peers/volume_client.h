// SPDX-License-Identifier: Apache-2.0
//
// The volume service as the gateway sees it: one method an RPC; errors, reasons
// and metadata are those of the proto. Every method blocks, and is
// thread-safe.
//
// A streaming method hands each message to `on_message` on the calling thread,
// which may end the call by an error that becomes the answer. `cancellation`
// may be null; once cancelled the answer is CANCELLED.
#pragma once

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "proto/tug/volume/v1/volume.pb.h"
#include "services/gatewayd/server/cancellation.h"

namespace tug::gatewayd {

// Volumes; see VolumeService.
class VolumeClient {
 public:
  virtual ~VolumeClient() = default;

  virtual absl::StatusOr<volume::v1::Volume> CreateVolume(
      const volume::v1::CreateVolumeRequest& request) = 0;
  virtual absl::StatusOr<volume::v1::Volume> GetVolume(
      const volume::v1::GetVolumeRequest& request) = 0;
  virtual absl::StatusOr<volume::v1::ListVolumesResponse> ListVolumes(
      const volume::v1::ListVolumesRequest& request) = 0;
  virtual absl::Status RemoveVolume(
      const volume::v1::RemoveVolumeRequest& request) = 0;
  virtual absl::Status PopulateVolume(
      const volume::v1::PopulateVolumeRequest& request,
      Cancellation* cancellation,
      absl::FunctionRef<absl::Status(const volume::v1::PopulateVolumeResponse&)>
          on_message) = 0;
  virtual absl::StatusOr<volume::v1::AcquireVolumesResponse> AcquireVolumes(
      const volume::v1::AcquireVolumesRequest& request) = 0;
  virtual absl::StatusOr<volume::v1::MountVolumesResponse> MountVolumes(
      const volume::v1::MountVolumesRequest& request) = 0;
  virtual absl::Status UnmountVolumes(
      const volume::v1::UnmountVolumesRequest& request) = 0;
  virtual absl::Status ReleaseLease(
      const volume::v1::ReleaseLeaseRequest& request) = 0;
  virtual absl::StatusOr<volume::v1::ListLeasesResponse> ListLeases(
      const volume::v1::ListLeasesRequest& request) = 0;
};

}  // namespace tug::gatewayd
