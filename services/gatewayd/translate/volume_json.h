// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "boost/json/object.hpp"
#include "boost/json/value.hpp"
#include "proto/tug/volume/v1/volume.pb.h"

namespace tug::gatewayd {

// Label of volumes that were made without a name.
inline constexpr char kAnonymousVolumeLabel[] = "com.docker.volume.anonymous";

// One volume of inspect and list.
boost::json::object EncodeVolume(const volume::v1::Volume& volume);

// Body of POST /volumes/create. INVALID_ARGUMENT with Docker's words.
absl::StatusOr<volume::v1::CreateVolumeRequest> DecodeVolumeCreate(
    const boost::json::value& body);

}  // namespace tug::gatewayd
