// SPDX-License-Identifier: Apache-2.0
//
// Images as Docker 29 shows them, and older versions from that.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "boost/json/array.hpp"
#include "boost/json/object.hpp"
#include "proto/tug/image/v1/image.pb.h"
#include "services/gatewayd/server/api_version.h"

namespace tug::gatewayd {

// "debian:12" for "docker.io/library/debian:12"; what cannot be parsed stays.
std::string FamiliarReference(const std::string& reference);

boost::json::object EncodeDescriptor(const image::v1::Descriptor& descriptor);

// "ImageManifestDescriptor" of containers: the platform's manifest, always with
// its platform.
boost::json::object EncodeManifestDescriptor(const image::v1::Image& image);

// One element of GET /images/json. `shared_size`: -1 when not asked for.
boost::json::object EncodeImageSummary(const image::v1::Image& image,
                                       int64_t shared_size, bool manifests,
                                       ApiVersion version);

// GET /images/{name}/json.
boost::json::object EncodeImageInspect(const image::v1::Image& image,
                                       bool manifests, ApiVersion version);

// GET /images/{name}/history, newest step first.
boost::json::array EncodeImageHistory(const image::v1::Image& image);

// Bytes of each image's layers that another of them has too, in order.
std::vector<int64_t> SharedSizes(const std::vector<image::v1::Image>& images);

}  // namespace tug::gatewayd
