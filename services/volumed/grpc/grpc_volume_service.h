// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include "lib/rpc/byte_channel.h"
#include "proto/tug/volume/v1/volume.grpc.pb.h"
#include "services/volumed/copy_up/fill_volume.h"
#include "services/volumed/volumes/volume_catalog.h"

namespace tug::volumed {

// Decodes, calls, encodes. Thread-safe.
class GrpcVolumeService final : public volume::v1::VolumeService::Service {
 public:
  GrpcVolumeService(VolumeCatalog& catalog, rpc::TicketBooth& booth,
                    CopyUp copy_up)
      : catalog_(catalog), booth_(booth), copy_up_(std::move(copy_up)) {}

  grpc::Status CreateVolume(grpc::ServerContext* context,
                            const volume::v1::CreateVolumeRequest* request,
                            volume::v1::Volume* response) override;
  grpc::Status GetVolume(grpc::ServerContext* context,
                         const volume::v1::GetVolumeRequest* request,
                         volume::v1::Volume* response) override;
  grpc::Status ListVolumes(grpc::ServerContext* context,
                           const volume::v1::ListVolumesRequest* request,
                           volume::v1::ListVolumesResponse* response) override;
  grpc::Status RemoveVolume(
      grpc::ServerContext* context,
      const volume::v1::RemoveVolumeRequest* request,
      volume::v1::RemoveVolumeResponse* response) override;
  grpc::Status PopulateVolume(
      grpc::ServerContext* context,
      const volume::v1::PopulateVolumeRequest* request,
      grpc::ServerWriter<volume::v1::PopulateVolumeResponse>* writer) override;
  grpc::Status AcquireVolumes(
      grpc::ServerContext* context,
      const volume::v1::AcquireVolumesRequest* request,
      volume::v1::AcquireVolumesResponse* response) override;
  grpc::Status MountVolumes(
      grpc::ServerContext* context,
      const volume::v1::MountVolumesRequest* request,
      volume::v1::MountVolumesResponse* response) override;
  grpc::Status UnmountVolumes(
      grpc::ServerContext* context,
      const volume::v1::UnmountVolumesRequest* request,
      volume::v1::UnmountVolumesResponse* response) override;
  grpc::Status ReleaseLease(
      grpc::ServerContext* context,
      const volume::v1::ReleaseLeaseRequest* request,
      volume::v1::ReleaseLeaseResponse* response) override;
  grpc::Status ListLeases(grpc::ServerContext* context,
                          const volume::v1::ListLeasesRequest* request,
                          volume::v1::ListLeasesResponse* response) override;

 private:
  VolumeCatalog& catalog_;
  rpc::TicketBooth& booth_;
  const CopyUp copy_up_;
};

}  // namespace tug::volumed
