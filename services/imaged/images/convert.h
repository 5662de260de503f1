// SPDX-License-Identifier: Apache-2.0
//
// lib/oci's values to and from the messages of proto/tug/image/v1.
#pragma once

#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"
#include "lib/oci/descriptor.h"
#include "lib/oci/image_config.h"
#include "proto/tug/image/v1/image.pb.h"

namespace tug::imaged {

google::protobuf::Timestamp ToProto(absl::Time time);
absl::Time FromProto(const google::protobuf::Timestamp& time);

image::v1::Platform ToProto(const oci::Platform& platform);
// Absent when neither os nor architecture is given.
std::optional<oci::Platform> FromProto(const image::v1::Platform& platform);

image::v1::Descriptor ToProto(const oci::Descriptor& descriptor);
// INVALID_ARGUMENT for a malformed digest.
absl::StatusOr<oci::Descriptor> FromProto(
    const image::v1::Descriptor& descriptor);

image::v1::ImageConfig ToProto(const oci::ContainerDefaults& defaults);
oci::ContainerDefaults FromProto(const image::v1::ImageConfig& config);

image::v1::History ToProto(const oci::HistoryEntry& entry);

}  // namespace tug::imaged
