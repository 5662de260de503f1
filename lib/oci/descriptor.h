// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "boost/json/object.hpp"
#include "lib/oci/digest.h"
#include "lib/oci/platform.h"

namespace tug::oci {

inline constexpr char kMediaTypeOciManifest[] =
    "application/vnd.oci.image.manifest.v1+json";
inline constexpr char kMediaTypeOciIndex[] =
    "application/vnd.oci.image.index.v1+json";
inline constexpr char kMediaTypeOciConfig[] =
    "application/vnd.oci.image.config.v1+json";
inline constexpr char kMediaTypeOciLayer[] =
    "application/vnd.oci.image.layer.v1.tar";
inline constexpr char kMediaTypeOciLayerGzip[] =
    "application/vnd.oci.image.layer.v1.tar+gzip";
inline constexpr char kMediaTypeOciLayerZstd[] =
    "application/vnd.oci.image.layer.v1.tar+zstd";
inline constexpr char kMediaTypeDockerManifest[] =
    "application/vnd.docker.distribution.manifest.v2+json";
inline constexpr char kMediaTypeDockerList[] =
    "application/vnd.docker.distribution.manifest.list.v2+json";
inline constexpr char kMediaTypeDockerConfig[] =
    "application/vnd.docker.container.image.v1+json";
inline constexpr char kMediaTypeDockerLayer[] =
    "application/vnd.docker.image.rootfs.diff.tar";
inline constexpr char kMediaTypeDockerLayerGzip[] =
    "application/vnd.docker.image.rootfs.diff.tar.gzip";

// A typed, sized pointer to content.
struct Descriptor {
  std::string media_type;
  Digest digest;
  int64_t size = 0;
  std::optional<Platform> platform;
  std::map<std::string, std::string> annotations;
};

// A list of manifests (OCI index or Docker manifest list).
bool IsIndexType(absl::string_view media_type);
// One image (OCI or Docker schema 2).
bool IsManifestType(absl::string_view media_type);
// A file system layer, in any known compression.
bool IsLayerType(absl::string_view media_type);

// INVALID_ARGUMENT for a missing or malformed digest, a negative size.
absl::StatusOr<Descriptor> ParseDescriptor(const boost::json::object& object);

// The inverse, keys in the specification's order.
boost::json::object DescriptorToJson(const Descriptor& descriptor);

}  // namespace tug::oci
