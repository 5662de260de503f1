// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <utility>

#include "proto/tug/image/v1/image.grpc.pb.h"
#include "services/gatewayd/peers/grpc_call.h"
#include "services/gatewayd/peers/grpc_clients.h"

namespace tug::gatewayd {
namespace {

// For calls that read or delete whole trees.
constexpr absl::Duration kDiskCall = absl::Minutes(10);

namespace v1 = image::v1;

class GrpcImageClient final : public ImageClient {
 public:
  explicit GrpcImageClient(ChannelPtr channel) : stub_(std::move(channel)) {}

  absl::Status PullImage(
      const v1::PullImageRequest& request, Cancellation* cancellation,
      absl::FunctionRef<absl::Status(const v1::PullImageResponse&)> on_message)
      override {
    return CallStream<v1::PullImageResponse>(stub_, &Stub::PullImage, request,
                                             cancellation, on_message);
  }

  absl::StatusOr<v1::Image> GetImage(
      const v1::GetImageRequest& request) override {
    return Call<v1::Image>(stub_, &Stub::GetImage, request);
  }

  absl::StatusOr<v1::ListImagesResponse> ListImages(
      const v1::ListImagesRequest& request) override {
    return Call<v1::ListImagesResponse>(stub_, &Stub::ListImages, request);
  }

  absl::Status TagImage(const v1::TagImageRequest& request) override {
    return Call<v1::TagImageResponse>(stub_, &Stub::TagImage, request).status();
  }

  absl::StatusOr<v1::RemoveImageResponse> RemoveImage(
      const v1::RemoveImageRequest& request) override {
    return Call<v1::RemoveImageResponse>(stub_, &Stub::RemoveImage, request,
                                         kDiskCall);
  }

  absl::StatusOr<v1::PruneImagesResponse> PruneImages(
      const v1::PruneImagesRequest& request) override {
    return Call<v1::PruneImagesResponse>(stub_, &Stub::PruneImages, request,
                                         kDiskCall);
  }

  absl::Status LoadImages(
      const v1::LoadImagesRequest& request, Cancellation* cancellation,
      absl::FunctionRef<absl::Status(const v1::LoadImagesResponse&)> on_message)
      override {
    return CallStream<v1::LoadImagesResponse>(stub_, &Stub::LoadImages, request,
                                              cancellation, on_message);
  }

  absl::Status SaveImages(
      const v1::SaveImagesRequest& request, Cancellation* cancellation,
      absl::FunctionRef<absl::Status(const v1::SaveImagesResponse&)> on_message)
      override {
    return CallStream<v1::SaveImagesResponse>(stub_, &Stub::SaveImages, request,
                                              cancellation, on_message);
  }

  absl::Status ImportImage(
      const v1::ImportImageRequest& request, Cancellation* cancellation,
      absl::FunctionRef<absl::Status(const v1::ImportImageResponse&)>
          on_message) override {
    return CallStream<v1::ImportImageResponse>(
        stub_, &Stub::ImportImage, request, cancellation, on_message);
  }

 private:
  using Stub = v1::ImageService::Stub;
  Stub stub_;
};

class GrpcSnapshotClient final : public SnapshotClient {
 public:
  explicit GrpcSnapshotClient(ChannelPtr channel) : stub_(std::move(channel)) {}

  absl::StatusOr<v1::Snapshot> PrepareSnapshot(
      const v1::PrepareSnapshotRequest& request) override {
    return Call<v1::Snapshot>(stub_, &Stub::PrepareSnapshot, request);
  }

  absl::StatusOr<v1::Snapshot> GetSnapshot(
      const v1::GetSnapshotRequest& request) override {
    return Call<v1::Snapshot>(stub_, &Stub::GetSnapshot, request);
  }

  absl::Status ReleaseSnapshot(
      const v1::ReleaseSnapshotRequest& request) override {
    return Call<v1::ReleaseSnapshotResponse>(stub_, &Stub::ReleaseSnapshot,
                                             request)
        .status();
  }

  absl::StatusOr<v1::ListLeasesResponse> ListLeases(
      const v1::ListLeasesRequest& request) override {
    return Call<v1::ListLeasesResponse>(stub_, &Stub::ListLeases, request);
  }

  absl::StatusOr<v1::GetUsageResponse> GetUsage(
      const v1::GetUsageRequest& request) override {
    return Call<v1::GetUsageResponse>(stub_, &Stub::GetUsage, request,
                                      kDiskCall);
  }

  absl::Status ReadTree(
      const v1::ReadTreeRequest& request, Cancellation* cancellation,
      absl::FunctionRef<absl::Status(const v1::ReadTreeResponse&)> on_message)
      override {
    return CallStream<v1::ReadTreeResponse>(stub_, &Stub::ReadTree, request,
                                            cancellation, on_message);
  }

  absl::StatusOr<v1::DiffSnapshotResponse> DiffSnapshot(
      const v1::DiffSnapshotRequest& request) override {
    return Call<v1::DiffSnapshotResponse>(stub_, &Stub::DiffSnapshot, request,
                                          kDiskCall);
  }

 private:
  using Stub = v1::SnapshotService::Stub;
  Stub stub_;
};

}  // namespace

std::unique_ptr<ImageClient> NewImageClient(ChannelPtr imaged) {
  return std::make_unique<GrpcImageClient>(std::move(imaged));
}

std::unique_ptr<SnapshotClient> NewSnapshotClient(ChannelPtr imaged) {
  return std::make_unique<GrpcSnapshotClient>(std::move(imaged));
}

}  // namespace tug::gatewayd
