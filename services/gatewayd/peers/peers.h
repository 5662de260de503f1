// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lib/event/event_bus.h"
#include "services/gatewayd/peers/image_client.h"
#include "services/gatewayd/peers/network_client.h"
#include "services/gatewayd/peers/registry_client.h"
#include "services/gatewayd/peers/runtime_client.h"
#include "services/gatewayd/peers/ticket_redeemer.h"
#include "services/gatewayd/peers/volume_client.h"

namespace tug::gatewayd {

struct LastKnownObjects;

// Everything the gateway talks to; made once in main and outliving all users.
// Take the members you need, not the whole, where that is few.
struct Peers {
  ContainerClient& containers;
  ExecClient& execs;
  ImageClient& images;
  SnapshotClient& snapshots;
  NetworkClient& networks;
  SandboxClient& sandboxes;
  VolumeClient& volumes;
  RegistryClient& registries;
  TicketRedeemer& tickets;
  // What the gateway itself has to tell (events/own_events.h).
  EventBus& own_events;
  // What reads show while a service hangs (lastknown/).
  const LastKnownObjects& known;
};

}  // namespace tug::gatewayd
