// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/archive/stream.h"
#include "proto/tug/image/v1/image.pb.h"
#include "services/imaged/transfer/transfer_parts.h"

namespace tug::imaged {

// What an archive of images will hold. Pins its content until it is dropped.
class SavePlan {
 public:
  // Errors of every RPC that names an image; NOT_FOUND (PLATFORM_UNKNOWN) when
  // blobs of the platform are not here.
  static absl::StatusOr<std::unique_ptr<SavePlan>> Make(
      const TransferParts& parts, const image::v1::SaveImagesRequest& request);

  // Writes a tar that is an OCI layout and a docker-archive at once: blobs as
  // they are, each once, then index.json, manifest.json and oci-layout. Equal
  // images give equal bytes. Publishes the event "save" for each image.
  absl::Status Write(archive::Sink& sink, const Cancelled& cancelled);

 private:
  explicit SavePlan(const TransferParts& parts)
      : parts_(parts), pins_(parts.pins) {}

  // One name, or an image without one.
  struct Item {
    oci::Descriptor target;
    std::string name;  // Empty: none.
  };
  // A platform's manifest, for manifest.json.
  struct DockerEntry {
    oci::Manifest manifest;
    std::vector<std::string> tags;
  };

  absl::Status Add(const std::string& name,
                   const std::optional<oci::Platform>& platform);
  absl::Status AddBlob(const oci::Digest& digest);
  absl::Status AddManifest(const oci::Descriptor& descriptor,
                           const oci::Manifest& manifest);
  absl::Status AddIndex(const oci::Descriptor& descriptor,
                        const oci::Index& index);
  std::string IndexJson() const;
  std::string ManifestJson() const;

  const TransferParts& parts_;
  PinSet::Scope pins_;
  std::vector<Item> items_;
  std::map<oci::Digest, DockerEntry> entries_;
  // Digest to size.
  std::map<oci::Digest, int64_t> blobs_;
};

}  // namespace tug::imaged
