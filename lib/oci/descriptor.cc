// SPDX-License-Identifier: Apache-2.0
#include "lib/oci/descriptor.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "boost/json/value.hpp"
#include "lib/base/status_macros.h"
#include "lib/oci/json.h"

namespace tug::oci {

bool IsIndexType(absl::string_view media_type) {
  return media_type == kMediaTypeOciIndex || media_type == kMediaTypeDockerList;
}

bool IsManifestType(absl::string_view media_type) {
  return media_type == kMediaTypeOciManifest ||
         media_type == kMediaTypeDockerManifest;
}

bool IsLayerType(absl::string_view media_type) {
  return absl::StartsWith(media_type, kMediaTypeOciLayer) ||
         absl::StartsWith(media_type,
                          "application/vnd.oci.image.layer."
                          "nondistributable.v1.tar") ||
         absl::StartsWith(media_type, kMediaTypeDockerLayer) ||
         absl::StartsWith(media_type,
                          "application/vnd.docker.image.rootfs.foreign.diff."
                          "tar");
}

absl::StatusOr<Descriptor> ParseDescriptor(const boost::json::object& object) {
  Descriptor descriptor;
  std::string digest;
  RETURN_IF_ERROR(ReadString(object, "mediaType", descriptor.media_type));
  RETURN_IF_ERROR(ReadString(object, "digest", digest));
  RETURN_IF_ERROR(ReadInteger(object, "size", descriptor.size));
  RETURN_IF_ERROR(ReadStringMap(object, "annotations", descriptor.annotations));
  ASSIGN_OR_RETURN(descriptor.digest, Digest::Parse(digest));
  if (descriptor.size < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("descriptor of ", digest, ": negative size"));
  }
  ASSIGN_OR_RETURN(const boost::json::object* platform,
                   ReadObject(object, "platform"));
  if (platform != nullptr) {
    ASSIGN_OR_RETURN(descriptor.platform, ParsePlatform(*platform));
  }
  return descriptor;
}

boost::json::object DescriptorToJson(const Descriptor& descriptor) {
  boost::json::object object;
  object["mediaType"] = descriptor.media_type;
  object["digest"] = descriptor.digest.ToString();
  object["size"] = descriptor.size;
  if (!descriptor.annotations.empty()) {
    boost::json::object annotations;
    for (const auto& [key, value] : descriptor.annotations) {
      annotations[key] = value;
    }
    object["annotations"] = std::move(annotations);
  }
  if (descriptor.platform.has_value()) {
    object["platform"] = PlatformToJson(*descriptor.platform);
  }
  return object;
}

}  // namespace tug::oci
