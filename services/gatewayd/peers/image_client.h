// SPDX-License-Identifier: Apache-2.0
//
// The image service as the gateway sees it: one method an RPC; errors, reasons
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
#include "proto/tug/image/v1/image.pb.h"
#include "services/gatewayd/server/cancellation.h"

namespace tug::gatewayd {

// Images; see ImageService.
class ImageClient {
 public:
  virtual ~ImageClient() = default;

  virtual absl::Status PullImage(
      const image::v1::PullImageRequest& request, Cancellation* cancellation,
      absl::FunctionRef<absl::Status(const image::v1::PullImageResponse&)>
          on_message) = 0;
  virtual absl::StatusOr<image::v1::Image> GetImage(
      const image::v1::GetImageRequest& request) = 0;
  virtual absl::StatusOr<image::v1::ListImagesResponse> ListImages(
      const image::v1::ListImagesRequest& request) = 0;
  virtual absl::Status TagImage(const image::v1::TagImageRequest& request) = 0;
  virtual absl::StatusOr<image::v1::RemoveImageResponse> RemoveImage(
      const image::v1::RemoveImageRequest& request) = 0;
  virtual absl::StatusOr<image::v1::PruneImagesResponse> PruneImages(
      const image::v1::PruneImagesRequest& request) = 0;
  virtual absl::Status LoadImages(
      const image::v1::LoadImagesRequest& request, Cancellation* cancellation,
      absl::FunctionRef<absl::Status(const image::v1::LoadImagesResponse&)>
          on_message) = 0;
  virtual absl::Status SaveImages(
      const image::v1::SaveImagesRequest& request, Cancellation* cancellation,
      absl::FunctionRef<absl::Status(const image::v1::SaveImagesResponse&)>
          on_message) = 0;
  virtual absl::Status ImportImage(
      const image::v1::ImportImageRequest& request, Cancellation* cancellation,
      absl::FunctionRef<absl::Status(const image::v1::ImportImageResponse&)>
          on_message) = 0;
};

// Root file systems; see SnapshotService.
class SnapshotClient {
 public:
  virtual ~SnapshotClient() = default;

  virtual absl::StatusOr<image::v1::Snapshot> PrepareSnapshot(
      const image::v1::PrepareSnapshotRequest& request) = 0;
  virtual absl::StatusOr<image::v1::Snapshot> GetSnapshot(
      const image::v1::GetSnapshotRequest& request) = 0;
  virtual absl::Status ReleaseSnapshot(
      const image::v1::ReleaseSnapshotRequest& request) = 0;
  virtual absl::StatusOr<image::v1::ListLeasesResponse> ListLeases(
      const image::v1::ListLeasesRequest& request) = 0;
  virtual absl::StatusOr<image::v1::GetUsageResponse> GetUsage(
      const image::v1::GetUsageRequest& request) = 0;
  virtual absl::Status ReadTree(
      const image::v1::ReadTreeRequest& request, Cancellation* cancellation,
      absl::FunctionRef<absl::Status(const image::v1::ReadTreeResponse&)>
          on_message) = 0;
  virtual absl::StatusOr<image::v1::DiffSnapshotResponse> DiffSnapshot(
      const image::v1::DiffSnapshotRequest& request) = 0;
};

}  // namespace tug::gatewayd
