// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/lastknown/last_known_objects.h"

#include <map>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/gatewayd/peers/list_pages.h"

namespace tug::gatewayd {
namespace {

using network::v1::Network;
using network::v1::Sandbox;
using runtime::v1::Container;
using volume::v1::Volume;

LastKnown<Container>::ReadAll AllContainers(ContainerClient& client) {
  return [&client]() -> absl::StatusOr<std::map<std::string, Container>> {
    std::map<std::string, Container> all;
    const auto take = [&](runtime::v1::ListContainersResponse& page) {
      for (Container& one : *page.mutable_containers()) {
        std::string id = one.id();
        all.emplace(std::move(id), std::move(one));
      }
      return absl::OkStatus();
    };
    RETURN_IF_ERROR(ReadPages(client, &ContainerClient::ListContainers,
                              runtime::v1::ListContainersRequest(), take));
    return all;
  };
}

LastKnown<Sandbox>::ReadAll AllSandboxes(SandboxClient& client) {
  return [&client]() -> absl::StatusOr<std::map<std::string, Sandbox>> {
    std::map<std::string, Sandbox> all;
    const auto take = [&](network::v1::ListSandboxesResponse& page) {
      for (Sandbox& one : *page.mutable_sandboxes()) {
        std::string lease = one.lease();
        all.emplace(std::move(lease), std::move(one));
      }
      return absl::OkStatus();
    };
    RETURN_IF_ERROR(ReadPages(client, &SandboxClient::ListSandboxes,
                              network::v1::ListSandboxesRequest(), take));
    return all;
  };
}

LastKnown<Volume>::ReadAll AllVolumes(VolumeClient& client) {
  return [&client]() -> absl::StatusOr<std::map<std::string, Volume>> {
    std::map<std::string, Volume> all;
    const auto take = [&](volume::v1::ListVolumesResponse& page) {
      for (Volume& one : *page.mutable_volumes()) {
        std::string name = one.name();
        all.emplace(std::move(name), std::move(one));
      }
      return absl::OkStatus();
    };
    RETURN_IF_ERROR(ReadPages(client, &VolumeClient::ListVolumes,
                              volume::v1::ListVolumesRequest(), take));
    return all;
  };
}

LastKnown<Network>::ReadAll AllNetworks(NetworkClient& client) {
  return [&client]() -> absl::StatusOr<std::map<std::string, Network>> {
    std::map<std::string, Network> all;
    const auto take = [&](network::v1::ListNetworksResponse& page) {
      for (Network& one : *page.mutable_networks()) {
        std::string id = one.id();
        all.emplace(std::move(id), std::move(one));
      }
      return absl::OkStatus();
    };
    RETURN_IF_ERROR(ReadPages(client, &NetworkClient::ListNetworks,
                              network::v1::ListNetworksRequest(), take));
    return all;
  };
}

// Events of a container that change nothing that is shown of it.
bool ChangesNothing(const event::v1::Event& event) {
  return absl::StartsWith(event.action(), "exec_") || event.action() == "top" ||
         event.action() == "attach" || event.action() == "resize";
}

}  // namespace

LastKnownObjects::LastKnownObjects(ContainerClient& container_client,
                                   SandboxClient& sandbox_client,
                                   VolumeClient& volume_client,
                                   NetworkClient& network_client)
    : containers(AllContainers(container_client),
                 [&container_client](const std::string& id) {
                   runtime::v1::GetContainerRequest request;
                   request.set_reference(id);
                   return container_client.GetContainer(request);
                 }),
      sandboxes(AllSandboxes(sandbox_client),
                [&sandbox_client](const std::string& lease) {
                  network::v1::GetSandboxRequest request;
                  request.set_lease(lease);
                  return sandbox_client.GetSandbox(request);
                }),
      volumes(AllVolumes(volume_client),
              [&volume_client](const std::string& name) {
                volume::v1::GetVolumeRequest request;
                request.set_name(name);
                return volume_client.GetVolume(request);
              }),
      networks(AllNetworks(network_client),
               [&network_client](const std::string& id) {
                 network::v1::GetNetworkRequest request;
                 request.set_network(id);
                 return network_client.GetNetwork(request);
               }) {}

void LastKnownObjects::OnEvent(const event::v1::Event& event) {
  if (event.actor_id().empty()) return;
  if (event.type() == "container" && !ChangesNothing(event)) {
    containers.TellChanged(event.actor_id());
    sandboxes.TellChanged(event.actor_id());
  } else if (event.type() == "network") {
    networks.TellChanged(event.actor_id());
    const auto container = event.attributes().find("container");
    if (container != event.attributes().end()) {
      sandboxes.TellChanged(container->second);
    }
  } else if (event.type() == "volume") {
    volumes.TellChanged(event.actor_id());
  }
}

void LastKnownObjects::OnGap(absl::string_view service, bool) {
  if (service == "runtimed") {
    containers.TellAllChanged();
  } else if (service == "netd") {
    sandboxes.TellAllChanged();
    networks.TellAllChanged();
  } else if (service == "volumed") {
    volumes.TellAllChanged();
  }
}

absl::StatusOr<Container> FindAmong(const std::vector<Container>& containers,
                                    absl::string_view reference) {
  const absl::string_view name = absl::StripPrefix(reference, "/");
  const Container* match = nullptr;
  bool unique = true;
  for (const Container& container : containers) {
    if (container.id() == reference || container.name() == name) {
      return container;
    }
    if (reference.empty() || !absl::StartsWith(container.id(), reference)) {
      continue;
    }
    unique = match == nullptr;
    match = &container;
  }
  if (match != nullptr && unique) return *match;
  return WithReason(
      absl::NotFoundError(absl::StrCat("No such container: ", reference)),
      "CONTAINER_UNKNOWN");
}

}  // namespace tug::gatewayd
