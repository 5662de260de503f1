// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "services/gatewayd/peers/image_client.h"
#include "services/gatewayd/peers/registry_client.h"
#include "services/gatewayd/peers/runtime_client.h"
#include "services/gatewayd/peers/ticket_redeemer.h"
#include "services/gatewayd/server/route.h"

namespace tug::gatewayd {

// What the image routes talk to; outlives them.
struct ImageRoutePeers {
  ImageClient& images;
  RegistryClient& registries;
  ContainerClient& containers;
  TicketRedeemer& tickets;
};

// Every image, newest first.
absl::StatusOr<std::vector<image::v1::Image>> ListAllImages(
    ImageClient& client);

// The table of /images and /distribution.
std::vector<Route> ImageRoutes(const ImageRoutePeers& peers);

}  // namespace tug::gatewayd
