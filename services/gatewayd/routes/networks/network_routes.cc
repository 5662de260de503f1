// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/routes/networks/network_routes.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "boost/json/array.hpp"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/gatewayd/events/own_events.h"
#include "services/gatewayd/lastknown/last_known_objects.h"
#include "services/gatewayd/routes/networks/membership.h"
#include "services/gatewayd/routes/networks/network_list.h"
#include "services/gatewayd/server/docker_error.h"
#include "services/gatewayd/translate/network_json.h"
#include "services/gatewayd/translate/times.h"

namespace tug::gatewayd {
namespace {

namespace json = boost::json;
using network::v1::Network;

absl::Status List(const NetworkParts& parts, RequestContext& context) {
  ASSIGN_OR_RETURN(const Filters filters,
                   ParseNetworkFilters(context.query().Get("filters")));
  ASSIGN_OR_RETURN(const std::vector<Network> networks,
                   ReadOrLastKnown<Network>(parts.peers.known.networks, [&] {
                     return ListAllNetworks(parts.peers.networks);
                   }));
  json::array shown;
  for (const Network& network : networks) {
    ASSIGN_OR_RETURN(const bool matches, NetworkMatches(filters, network));
    if (matches) shown.push_back(EncodeNetwork(network));
  }
  return context.RespondJson(200, shown);
}

absl::Status Inspect(const NetworkParts& parts, RequestContext& context) {
  const std::string scope = context.query().Get("scope");
  if (!scope.empty() && scope != "local") {
    return DockerError(
        404, absl::StrCat("network ", context.parameter(), " not found"));
  }
  network::v1::GetNetworkRequest request;
  request.set_network(context.parameter());
  ASSIGN_OR_RETURN(const Network network,
                   parts.peers.networks.GetNetwork(request));
  return context.RespondJson(200,
                             EncodeNetworkInspect(network, context.version()));
}

absl::Status Create(const NetworkParts& parts, RequestContext& context) {
  ASSIGN_OR_RETURN(const auto body, context.ReadJsonBody());
  if (!body.has_value()) return DockerError(400, "invalid JSON: EOF");
  ASSIGN_OR_RETURN(const network::v1::CreateNetworkRequest request,
                   DecodeNetworkCreate(*body));
  context.subject = request.name();
  ASSIGN_OR_RETURN(const Network network,
                   parts.peers.networks.CreateNetwork(request));
  return context.RespondJson(
      201, json::object{{"Id", network.id()}, {"Warning", ""}});
}

absl::Status Remove(const NetworkParts& parts, RequestContext& context) {
  network::v1::RemoveNetworkRequest request;
  request.set_network(context.parameter());
  RETURN_IF_ERROR(parts.peers.networks.RemoveNetwork(request));
  return context.RespondEmpty(204);
}

// Whether a prune with these filters may take it, unless it is in use.
bool MayPrune(const Filters& filters, std::optional<absl::Time> until,
              const Network& network) {
  if (IsPredefinedNetwork(network) || network.ingress()) return false;
  if (!network.leases().empty() || !network.endpoints().empty()) return false;
  if (until.has_value() && ToTime(network.created()) >= *until) return false;
  return filters.MatchLabels("label", network.labels()) &&
         !filters.AnyLabel("label!", network.labels());
}

absl::Status Prune(const NetworkParts& parts, RequestContext& context) {
  static constexpr absl::string_view kKnown[] = {"label", "label!", "until"};
  ASSIGN_OR_RETURN(const Filters filters,
                   Filters::Parse(context.query().Get("filters"), kKnown));
  ASSIGN_OR_RETURN(const auto until, filters.Until(absl::Now()));
  ASSIGN_OR_RETURN(const std::vector<Network> networks,
                   ListAllNetworks(parts.peers.networks));
  json::value deleted = nullptr;
  for (const Network& network : networks) {
    if (!MayPrune(filters, until, network)) continue;
    network::v1::RemoveNetworkRequest request;
    request.set_network(network.id());
    const absl::Status removed = parts.peers.networks.RemoveNetwork(request);
    // Somebody may use or remove it meanwhile.
    if (StatusReason(removed) == "NETWORK_IN_USE" ||
        StatusReason(removed) == "NETWORK_UNKNOWN") {
      continue;
    }
    RETURN_IF_ERROR(removed);
    if (deleted.is_null()) deleted.emplace_array();
    deleted.get_array().emplace_back(network.name());
  }
  PublishPrune(parts.peers.own_events, "network", 0);
  return context.RespondJson(
      200, json::object{{"NetworksDeleted", std::move(deleted)}});
}

}  // namespace

std::vector<Route> NetworkRoutes(const NetworkParts& parts) {
  const auto bind =
      [parts](absl::Status (*handler)(const NetworkParts&, RequestContext&)) {
        return [parts, handler](RequestContext& context) {
          return handler(parts, context);
        };
      };
  return {
      {"GET", "/networks", {1, 21}, bind(List)},
      {"GET", "/networks/", {1, 21}, bind(List)},
      {"GET", "/networks/{id}", {1, 21}, bind(Inspect)},
      {"POST", "/networks/create", {1, 21}, bind(Create)},
      {"POST", "/networks/prune", {1, 25}, bind(Prune)},
      {"POST", "/networks/{id}/connect", {1, 21}, bind(ConnectContainer)},
      {"POST", "/networks/{id}/disconnect", {1, 21}, bind(DisconnectContainer)},
      {"DELETE", "/networks/{id}", {1, 21}, bind(Remove)},
  };
}

}  // namespace tug::gatewayd
