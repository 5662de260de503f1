// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "services/imaged/transfer/registry_peer.h"

namespace tug::imaged {

// The registry service behind a unix socket.
std::unique_ptr<RegistryPeer> NewGrpcRegistryPeer(
    const std::string& socket_path);

}  // namespace tug::imaged
