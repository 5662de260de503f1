// SPDX-License-Identifier: Apache-2.0
#include "services/volumed/grpc/grpc_volume_service.h"

#include "absl/status/status.h"
#include "lib/base/status.h"
#include "lib/rpc/page.h"
#include "lib/rpc/status_conversion.h"
#include "services/volumed/grpc/ticket_stream.h"

namespace tug::volumed {
namespace {

constexpr char kDomain[] = "volumed.tug";

grpc::Status Answer(const absl::Status& status) {
  return rpc::ToGrpc(status, kDomain);
}

}  // namespace

grpc::Status GrpcVolumeService::CreateVolume(
    grpc::ServerContext* context,
    const volume::v1::CreateVolumeRequest* request,
    volume::v1::Volume* response) {
  auto volume = catalog_.Create(*request);
  if (!volume.ok()) return Answer(volume.status());
  *response = *std::move(volume);
  return grpc::Status::OK;
}

grpc::Status GrpcVolumeService::GetVolume(
    grpc::ServerContext* context, const volume::v1::GetVolumeRequest* request,
    volume::v1::Volume* response) {
  auto volume = catalog_.Get(request->name());
  if (!volume.ok()) return Answer(volume.status());
  *response = *std::move(volume);
  return grpc::Status::OK;
}

grpc::Status GrpcVolumeService::ListVolumes(
    grpc::ServerContext* context, const volume::v1::ListVolumesRequest* request,
    volume::v1::ListVolumesResponse* response) {
  auto page = rpc::OpenPage(*request, response->mutable_volumes(),
                            response->mutable_next_page_token());
  if (!page.ok()) return Answer(page.status());
  catalog_.List(page->after(), [&](volume::v1::Volume volume) {
    const std::string name = volume.name();
    return page->Add(name, std::move(volume));
  });
  if (!request->sizes()) return grpc::Status::OK;
  for (volume::v1::Volume& volume : *response->mutable_volumes()) {
    if (context->IsCancelled()) break;
    volume.set_size(catalog_.Measure(volume.name()));
  }
  return grpc::Status::OK;
}

grpc::Status GrpcVolumeService::RemoveVolume(
    grpc::ServerContext* context,
    const volume::v1::RemoveVolumeRequest* request,
    volume::v1::RemoveVolumeResponse* response) {
  const absl::Status status = catalog_.Remove(request->name());
  const bool absent = StatusReason(status) == "VOLUME_UNKNOWN";
  return absent && request->force() ? grpc::Status::OK : Answer(status);
}

grpc::Status GrpcVolumeService::PopulateVolume(
    grpc::ServerContext* context,
    const volume::v1::PopulateVolumeRequest* request,
    grpc::ServerWriter<volume::v1::PopulateVolumeResponse>* writer) {
  if (request->nothing_to_copy()) {
    return Answer(catalog_.Populate(request->name(), nullptr));
  }
  const auto cancelled = [context] { return context->IsCancelled(); };
  const auto announce = [writer](const type::v1::StreamTicket& ticket) {
    volume::v1::PopulateVolumeResponse first;
    *first.mutable_ticket() = ticket;
    return writer->Write(first);
  };
  // The ticket is issued inside, so that who waited for another filler learns
  // that there is nothing left to send before it has sent a byte.
  const absl::Status status =
      catalog_.Populate(request->name(), [&](int directory) -> absl::Status {
        const auto stream = OpenTicketStream(booth_, announce, cancelled);
        if (!stream.ok()) return stream.status();
        return FillVolume(copy_up_, stream->get(), directory, cancelled);
      });
  return Answer(status);
}

grpc::Status GrpcVolumeService::AcquireVolumes(
    grpc::ServerContext* context,
    const volume::v1::AcquireVolumesRequest* request,
    volume::v1::AcquireVolumesResponse* response) {
  auto volumes = catalog_.Acquire(
      request->lease(), {request->names().begin(), request->names().end()});
  if (!volumes.ok()) return Answer(volumes.status());
  for (volume::v1::Volume& volume : *volumes) {
    // A thousand of them must fit into one answer; users size these.
    volume.clear_labels();
    *response->add_volumes() = std::move(volume);
  }
  return grpc::Status::OK;
}

grpc::Status GrpcVolumeService::MountVolumes(
    grpc::ServerContext* context,
    const volume::v1::MountVolumesRequest* request,
    volume::v1::MountVolumesResponse* response) {
  const auto paths = catalog_.Mount(
      request->lease(), {request->uses().begin(), request->uses().end()});
  if (!paths.ok()) return Answer(paths.status());
  for (const auto& [name, path] : *paths) {
    (*response->mutable_paths())[name] = path;
  }
  return grpc::Status::OK;
}

grpc::Status GrpcVolumeService::UnmountVolumes(
    grpc::ServerContext* context,
    const volume::v1::UnmountVolumesRequest* request,
    volume::v1::UnmountVolumesResponse* response) {
  return Answer(catalog_.Unmount(request->lease()));
}

grpc::Status GrpcVolumeService::ReleaseLease(
    grpc::ServerContext* context,
    const volume::v1::ReleaseLeaseRequest* request,
    volume::v1::ReleaseLeaseResponse* response) {
  using Anonymous = VolumeCatalog::Anonymous;
  Anonymous anonymous = Anonymous::kKeep;
  if (request->abandoned()) anonymous = Anonymous::kRemoveUnused;
  if (request->remove_anonymous()) anonymous = Anonymous::kRemove;
  return Answer(catalog_.Release(request->lease(), anonymous));
}

grpc::Status GrpcVolumeService::ListLeases(
    grpc::ServerContext* context, const volume::v1::ListLeasesRequest* request,
    volume::v1::ListLeasesResponse* response) {
  auto page = rpc::OpenPage(*request, response->mutable_leases(),
                            response->mutable_next_page_token());
  if (!page.ok()) return Answer(page.status());
  for (const std::string& lease : catalog_.Leases()) {
    if (lease > page->after() && !page->Add(lease, lease)) break;
  }
  return grpc::Status::OK;
}

}  // namespace tug::volumed
