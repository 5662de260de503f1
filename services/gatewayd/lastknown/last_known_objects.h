// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "proto/tug/network/v1/network.pb.h"
#include "proto/tug/runtime/v1/container.pb.h"
#include "proto/tug/volume/v1/volume.pb.h"
#include "services/gatewayd/events/event_feed.h"
#include "services/gatewayd/lastknown/last_known.h"
#include "services/gatewayd/lastknown/patient_read.h"
#include "services/gatewayd/peers/network_client.h"
#include "services/gatewayd/peers/runtime_client.h"
#include "services/gatewayd/peers/volume_client.h"

namespace tug::gatewayd {

// What lists and inspections show while a service hangs; kept up to date by
// events.
struct LastKnownObjects final : public EventObserver {
  // Knows nothing, for tests.
  LastKnownObjects() = default;
  LastKnownObjects(ContainerClient& container_client,
                   SandboxClient& sandbox_client, VolumeClient& volume_client,
                   NetworkClient& network_client);

  void OnEvent(const event::v1::Event& event) override;
  void OnGap(absl::string_view service, bool lost) override;

  // By id, lease, name and id.
  LastKnown<runtime::v1::Container> containers;
  LastKnown<network::v1::Sandbox> sandboxes;
  LastKnown<volume::v1::Volume> volumes;
  LastKnown<network::v1::Network> networks;
};

// The one of `containers` that a reference names: by id, name, or unique prefix
// of the id. NOT_FOUND (CONTAINER_UNKNOWN).
absl::StatusOr<runtime::v1::Container> FindAmong(
    const std::vector<runtime::v1::Container>& containers,
    absl::string_view reference);

}  // namespace tug::gatewayd
