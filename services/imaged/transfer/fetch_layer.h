// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "lib/oci/descriptor.h"
#include "services/imaged/transfer/layer_flights.h"
#include "services/imaged/transfer/registry_peer.h"
#include "services/imaged/transfer/transfer_parts.h"

namespace tug::imaged {

struct FetchLayerRequest {
  RemoteRepository remote;
  oci::Descriptor blob;
  oci::Digest diff_id;
};

// Brings blob and unpacked layer here, as far as they are not: streams the
// blob from the registry, or unpacks one that is in the store. Runs on the
// flight's thread and tells it how far it is. A transfer that broke off keeps
// its bytes for the next pull.
absl::Status FetchLayer(const TransferParts& parts, RegistryPeer& registry,
                        const FetchLayerRequest& request, LayerFlight& flight);

}  // namespace tug::imaged
