// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/rpc/byte_channel.h"
#include "proto/tug/image/v1/image.grpc.pb.h"
#include "services/imaged/snapshots/snapshot_service.h"

namespace tug::imaged {

// SnapshotService on the wire: decodes, calls, encodes. Everything it borrows
// outlives it.
class GrpcSnapshotService final : public image::v1::SnapshotService::Service {
 public:
  GrpcSnapshotService(const SnapshotParts& parts, rpc::TicketBooth& booth)
      : parts_(parts), booth_(booth) {}

  grpc::Status PrepareSnapshot(grpc::ServerContext* context,
                               const image::v1::PrepareSnapshotRequest* request,
                               image::v1::Snapshot* response) override;
  grpc::Status GetSnapshot(grpc::ServerContext* context,
                           const image::v1::GetSnapshotRequest* request,
                           image::v1::Snapshot* response) override;
  grpc::Status ReleaseSnapshot(
      grpc::ServerContext* context,
      const image::v1::ReleaseSnapshotRequest* request,
      image::v1::ReleaseSnapshotResponse* response) override;
  grpc::Status ListLeases(grpc::ServerContext* context,
                          const image::v1::ListLeasesRequest* request,
                          image::v1::ListLeasesResponse* response) override;
  grpc::Status GetUsage(grpc::ServerContext* context,
                        const image::v1::GetUsageRequest* request,
                        image::v1::GetUsageResponse* response) override;
  grpc::Status ReadTree(
      grpc::ServerContext* context, const image::v1::ReadTreeRequest* request,
      grpc::ServerWriter<image::v1::ReadTreeResponse>* writer) override;
  grpc::Status DiffSnapshot(grpc::ServerContext* context,
                            const image::v1::DiffSnapshotRequest* request,
                            image::v1::DiffSnapshotResponse* response) override;

 private:
  const SnapshotParts& parts_;
  rpc::TicketBooth& booth_;
};

}  // namespace tug::imaged
