// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "services/imaged/transfer/registry_peer.h"

namespace tug::imaged {

// The registry service whose sockets are in this directory.
std::unique_ptr<RegistryPeer> NewGrpcRegistryPeer(
    const std::string& run_directory);

}  // namespace tug::imaged
