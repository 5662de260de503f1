// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/grpc/grpc_image_service.h"

#include "lib/base/status_macros.h"
#include "services/imaged/grpc/answer.h"
#include "services/imaged/transfer/import_image.h"
#include "services/imaged/transfer/load_images.h"
#include "services/imaged/transfer/pull_image.h"
#include "services/imaged/transfer/save_images.h"
#include "services/imaged/transfer/ticket_stream.h"

namespace tug::imaged {
namespace {

// Sends the ticket as first message and waits for who presents it.
template <typename Response>
absl::StatusOr<UniqueFd> OpenStream(rpc::TicketBooth& booth,
                                    grpc::ServerContext* context,
                                    grpc::ServerWriter<Response>* writer) {
  ASSIGN_OR_RETURN(const std::shared_ptr<TicketStream> stream,
                   TicketStream::Issue(booth));
  Response response;
  *response.mutable_ticket() = stream->ticket();
  writer->Write(response);
  return stream->Wait(CancelledBy(context));
}

}  // namespace

grpc::Status GrpcImageService::PullImage(
    grpc::ServerContext* context, const image::v1::PullImageRequest* request,
    grpc::ServerWriter<image::v1::PullImageResponse>* writer) {
  const absl::StatusOr<image::v1::PullResult> result = imaged::PullImage(
      transfers_, registry_, flights_, *request,
      [&](const image::v1::LayerProgress& progress) {
        image::v1::PullImageResponse response;
        *response.mutable_layer() = progress;
        writer->Write(response);
      },
      CancelledBy(context));
  if (!result.ok()) return Answer(result.status());
  image::v1::PullImageResponse response;
  *response.mutable_result() = *result;
  writer->Write(response);
  return grpc::Status::OK;
}

grpc::Status GrpcImageService::GetImage(
    grpc::ServerContext*, const image::v1::GetImageRequest* request,
    image::v1::Image* response) {
  return Answer(imaged::GetImage(images_, *request), response);
}

grpc::Status GrpcImageService::ListImages(
    grpc::ServerContext*, const image::v1::ListImagesRequest* request,
    image::v1::ListImagesResponse* response) {
  return Answer(imaged::ListImages(images_, *request), response);
}

grpc::Status GrpcImageService::TagImage(
    grpc::ServerContext*, const image::v1::TagImageRequest* request,
    image::v1::TagImageResponse*) {
  return Answer(imaged::TagImage(images_, *request));
}

grpc::Status GrpcImageService::RemoveImage(
    grpc::ServerContext*, const image::v1::RemoveImageRequest* request,
    image::v1::RemoveImageResponse* response) {
  return Answer(imaged::RemoveImage(images_, *request), response);
}

grpc::Status GrpcImageService::PruneImages(
    grpc::ServerContext*, const image::v1::PruneImagesRequest* request,
    image::v1::PruneImagesResponse* response) {
  return Answer(imaged::PruneImages(images_, *request), response);
}

grpc::Status GrpcImageService::LoadImages(
    grpc::ServerContext* context, const image::v1::LoadImagesRequest* request,
    grpc::ServerWriter<image::v1::LoadImagesResponse>* writer) {
  const absl::StatusOr<UniqueFd> connection =
      OpenStream(booth_, context, writer);
  if (!connection.ok()) return Answer(connection.status());
  return Answer(imaged::LoadImages(
      transfers_, connection->get(), *request,
      [&](const image::v1::LayerProgress& progress) {
        image::v1::LoadImagesResponse response;
        *response.mutable_layer() = progress;
        writer->Write(response);
      },
      [&](const image::v1::LoadedImage& loaded) {
        image::v1::LoadImagesResponse response;
        *response.mutable_loaded() = loaded;
        writer->Write(response);
      },
      CancelledBy(context)));
}

grpc::Status GrpcImageService::SaveImages(
    grpc::ServerContext* context, const image::v1::SaveImagesRequest* request,
    grpc::ServerWriter<image::v1::SaveImagesResponse>* writer) {
  // Before the ticket, so that a wrong name is an answer and not a broken
  // stream.
  const absl::StatusOr<std::unique_ptr<SavePlan>> plan =
      SavePlan::Make(transfers_, *request);
  if (!plan.ok()) return Answer(plan.status());
  const absl::StatusOr<UniqueFd> connection =
      OpenStream(booth_, context, writer);
  if (!connection.ok()) return Answer(connection.status());
  archive::FdSink sink(connection->get(), CancelledBy(context));
  return Answer((*plan)->Write(sink, CancelledBy(context)));
}

grpc::Status GrpcImageService::ImportImage(
    grpc::ServerContext* context, const image::v1::ImportImageRequest* request,
    grpc::ServerWriter<image::v1::ImportImageResponse>* writer) {
  const absl::StatusOr<UniqueFd> connection =
      OpenStream(booth_, context, writer);
  if (!connection.ok()) return Answer(connection.status());
  const absl::StatusOr<std::string> id = imaged::ImportImage(
      transfers_, connection->get(), *request, CancelledBy(context));
  if (!id.ok()) return Answer(id.status());
  image::v1::ImportImageResponse response;
  response.set_id(*id);
  writer->Write(response);
  return grpc::Status::OK;
}

}  // namespace tug::imaged
