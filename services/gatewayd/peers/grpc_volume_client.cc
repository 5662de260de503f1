// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <utility>

#include "proto/tug/volume/v1/volume.grpc.pb.h"
#include "services/gatewayd/peers/grpc_call.h"
#include "services/gatewayd/peers/grpc_clients.h"

namespace tug::gatewayd {
namespace {

// For calls that may mount, measure or delete whole trees.
constexpr absl::Duration kDiskCall = absl::Minutes(10);

namespace v1 = volume::v1;

class GrpcVolumeClient final : public VolumeClient {
 public:
  explicit GrpcVolumeClient(ChannelPtr channel) : stub_(std::move(channel)) {}

  absl::StatusOr<v1::Volume> CreateVolume(
      const v1::CreateVolumeRequest& request) override {
    return Call<v1::Volume>(stub_, &Stub::CreateVolume, request);
  }

  absl::StatusOr<v1::Volume> GetVolume(
      const v1::GetVolumeRequest& request) override {
    return Call<v1::Volume>(stub_, &Stub::GetVolume, request);
  }

  absl::StatusOr<v1::ListVolumesResponse> ListVolumes(
      const v1::ListVolumesRequest& request) override {
    return Call<v1::ListVolumesResponse>(stub_, &Stub::ListVolumes, request,
                                         kDiskCall);
  }

  absl::Status RemoveVolume(const v1::RemoveVolumeRequest& request) override {
    return Call<v1::RemoveVolumeResponse>(stub_, &Stub::RemoveVolume, request,
                                          kDiskCall)
        .status();
  }

  absl::Status PopulateVolume(
      const v1::PopulateVolumeRequest& request, Cancellation* cancellation,
      absl::FunctionRef<absl::Status(const v1::PopulateVolumeResponse&)>
          on_message) override {
    return CallStream<v1::PopulateVolumeResponse>(
        stub_, &Stub::PopulateVolume, request, cancellation, on_message);
  }

  absl::StatusOr<v1::AcquireVolumesResponse> AcquireVolumes(
      const v1::AcquireVolumesRequest& request) override {
    return Call<v1::AcquireVolumesResponse>(stub_, &Stub::AcquireVolumes,
                                            request);
  }

  absl::StatusOr<v1::MountVolumesResponse> MountVolumes(
      const v1::MountVolumesRequest& request) override {
    return Call<v1::MountVolumesResponse>(stub_, &Stub::MountVolumes, request,
                                          kDiskCall);
  }

  absl::Status UnmountVolumes(
      const v1::UnmountVolumesRequest& request) override {
    return Call<v1::UnmountVolumesResponse>(stub_, &Stub::UnmountVolumes,
                                            request, kDiskCall)
        .status();
  }

  absl::Status ReleaseLease(const v1::ReleaseLeaseRequest& request) override {
    return Call<v1::ReleaseLeaseResponse>(stub_, &Stub::ReleaseLease, request,
                                          kDiskCall)
        .status();
  }

  absl::StatusOr<v1::ListLeasesResponse> ListLeases(
      const v1::ListLeasesRequest& request) override {
    return Call<v1::ListLeasesResponse>(stub_, &Stub::ListLeases, request);
  }

 private:
  using Stub = v1::VolumeService::Stub;
  Stub stub_;
};

}  // namespace

std::unique_ptr<VolumeClient> NewVolumeClient(ChannelPtr volumed) {
  return std::make_unique<GrpcVolumeClient>(std::move(volumed));
}

}  // namespace tug::gatewayd
