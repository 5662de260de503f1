// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/rpc/byte_channel.h"
#include "proto/tug/image/v1/image.grpc.pb.h"
#include "services/imaged/images/image_service.h"
#include "services/imaged/transfer/layer_flights.h"
#include "services/imaged/transfer/registry_peer.h"
#include "services/imaged/transfer/transfer_parts.h"

namespace tug::imaged {

// ImageService on the wire: decodes, calls, encodes. Everything it borrows
// outlives it.
class GrpcImageService final : public image::v1::ImageService::Service {
 public:
  GrpcImageService(const ImageParts& images, const TransferParts& transfers,
                   RegistryPeer& registry, LayerFlights& flights,
                   rpc::TicketBooth& booth)
      : images_(images),
        transfers_(transfers),
        registry_(registry),
        flights_(flights),
        booth_(booth) {}

  grpc::Status PullImage(
      grpc::ServerContext* context, const image::v1::PullImageRequest* request,
      grpc::ServerWriter<image::v1::PullImageResponse>* writer) override;
  grpc::Status GetImage(grpc::ServerContext* context,
                        const image::v1::GetImageRequest* request,
                        image::v1::Image* response) override;
  grpc::Status ListImages(grpc::ServerContext* context,
                          const image::v1::ListImagesRequest* request,
                          image::v1::ListImagesResponse* response) override;
  grpc::Status TagImage(grpc::ServerContext* context,
                        const image::v1::TagImageRequest* request,
                        image::v1::TagImageResponse* response) override;
  grpc::Status RemoveImage(grpc::ServerContext* context,
                           const image::v1::RemoveImageRequest* request,
                           image::v1::RemoveImageResponse* response) override;
  grpc::Status PruneImages(grpc::ServerContext* context,
                           const image::v1::PruneImagesRequest* request,
                           image::v1::PruneImagesResponse* response) override;
  grpc::Status LoadImages(
      grpc::ServerContext* context, const image::v1::LoadImagesRequest* request,
      grpc::ServerWriter<image::v1::LoadImagesResponse>* writer) override;
  grpc::Status SaveImages(
      grpc::ServerContext* context, const image::v1::SaveImagesRequest* request,
      grpc::ServerWriter<image::v1::SaveImagesResponse>* writer) override;
  grpc::Status ImportImage(
      grpc::ServerContext* context,
      const image::v1::ImportImageRequest* request,
      grpc::ServerWriter<image::v1::ImportImageResponse>* writer) override;

 private:
  const ImageParts& images_;
  const TransferParts& transfers_;
  RegistryPeer& registry_;
  LayerFlights& flights_;
  rpc::TicketBooth& booth_;
};

}  // namespace tug::imaged
