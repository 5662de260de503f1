// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/grpc/grpc_snapshot_service.h"

#include "lib/base/status_macros.h"
#include "services/imaged/grpc/answer.h"
#include "services/imaged/transfer/ticket_stream.h"
#include "services/imaged/trees/tree_tar.h"

namespace tug::imaged {
namespace {

using TreeStreamWriter = grpc::ServerWriter<image::v1::ReadTreeResponse>;

absl::Status SendTree(const MergedTree& tree,
                      const MergedTree::Resolved& resolved,
                      rpc::TicketBooth& booth, const Cancelled& cancelled,
                      TreeStreamWriter* writer) {
  ASSIGN_OR_RETURN(const std::shared_ptr<TicketStream> stream,
                   TicketStream::Issue(booth));
  image::v1::ReadTreeResponse response;
  *response.mutable_ticket() = stream->ticket();
  writer->Write(response);
  ASSIGN_OR_RETURN(const UniqueFd connection, stream->Wait(cancelled));
  archive::FdSink sink(connection.get(), cancelled);
  archive::TarWriter tar(sink);
  RETURN_IF_ERROR(WriteTree(tree, resolved, tar, cancelled));
  return tar.Finish();
}

absl::Status ReadTreeOf(const SnapshotParts& parts, rpc::TicketBooth& booth,
                        const image::v1::ReadTreeRequest& request,
                        const Cancelled& cancelled, TreeStreamWriter* writer) {
  ASSIGN_OR_RETURN(const MergedTree tree, OpenTree(parts, request.lease()));
  const absl::StatusOr<MergedTree::Resolved> resolved =
      tree.Resolve(request.path());
  if (absl::IsNotFound(resolved.status())) {
    image::v1::ReadTreeResponse response;
    response.set_absent(true);
    writer->Write(response);
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(resolved.status());
  return SendTree(tree, *resolved, booth, cancelled, writer);
}

}  // namespace

grpc::Status GrpcSnapshotService::PrepareSnapshot(
    grpc::ServerContext*, const image::v1::PrepareSnapshotRequest* request,
    image::v1::Snapshot* response) {
  return Answer(imaged::PrepareSnapshot(parts_, *request), response);
}

grpc::Status GrpcSnapshotService::GetSnapshot(
    grpc::ServerContext*, const image::v1::GetSnapshotRequest* request,
    image::v1::Snapshot* response) {
  return Answer(imaged::GetSnapshot(parts_, request->lease()), response);
}

grpc::Status GrpcSnapshotService::ReleaseSnapshot(
    grpc::ServerContext*, const image::v1::ReleaseSnapshotRequest* request,
    image::v1::ReleaseSnapshotResponse*) {
  return Answer(parts_.table.Release(request->lease()));
}

grpc::Status GrpcSnapshotService::ListLeases(
    grpc::ServerContext*, const image::v1::ListLeasesRequest* request,
    image::v1::ListLeasesResponse* response) {
  return Answer(imaged::ListLeases(parts_, *request), response);
}

grpc::Status GrpcSnapshotService::GetUsage(
    grpc::ServerContext*, const image::v1::GetUsageRequest* request,
    image::v1::GetUsageResponse* response) {
  return Answer(imaged::GetUsage(parts_, request->lease()), response);
}

grpc::Status GrpcSnapshotService::ReadTree(
    grpc::ServerContext* context, const image::v1::ReadTreeRequest* request,
    TreeStreamWriter* writer) {
  return Answer(
      ReadTreeOf(parts_, booth_, *request, CancelledBy(context), writer));
}

grpc::Status GrpcSnapshotService::DiffSnapshot(
    grpc::ServerContext*, const image::v1::DiffSnapshotRequest* request,
    image::v1::DiffSnapshotResponse* response) {
  return Answer(imaged::DiffSnapshot(parts_, request->lease()), response);
}

}  // namespace tug::imaged
