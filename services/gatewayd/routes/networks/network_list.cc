// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/routes/networks/network_list.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"
#include "services/gatewayd/peers/list_pages.h"
#include "services/gatewayd/server/docker_error.h"

namespace tug::gatewayd {
namespace {

using network::v1::Network;

absl::StatusOr<bool> MatchesDangling(const Filters& filters,
                                     const Network& network) {
  if (!filters.Has("dangling")) return true;
  const absl::StatusOr<std::optional<bool>> dangling = filters.Bool("dangling");
  if (filters.Values("dangling").size() > 1) {
    return DockerError(400,
                       "got more than one value for filter key \"dangling\"");
  }
  if (!dangling.ok()) {
    return DockerError(400,
                       "invalid value for filter 'dangling', must be \"true\" "
                       "(or \"1\"), or \"false\" (or \"0\")");
  }
  const bool is_dangling =
      !IsPredefinedNetwork(network) && network.endpoints().empty();
  return **dangling == is_dangling;
}

absl::StatusOr<bool> MatchesType(const Filters& filters,
                                 const Network& network) {
  if (!filters.Has("type")) return true;
  bool matches = false;
  for (const std::string& type : filters.Values("type")) {
    if (type == "builtin") {
      matches = matches || IsPredefinedNetwork(network);
    } else if (type == "custom") {
      matches = matches || !IsPredefinedNetwork(network);
    } else {
      // Docker's status, too.
      return DockerError(500,
                         absl::StrCat("invalid filter: 'type'='", type, "'"));
    }
  }
  return matches;
}

}  // namespace

bool IsPredefinedNetwork(const Network& network) {
  return network.name() == "bridge" || network.name() == "host" ||
         network.name() == "none";
}

absl::StatusOr<std::vector<Network>> ListAllNetworks(NetworkClient& client) {
  std::vector<Network> networks;
  const auto take = [&](network::v1::ListNetworksResponse& page) {
    for (Network& network : *page.mutable_networks()) {
      networks.push_back(std::move(network));
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(ReadPages(client, &NetworkClient::ListNetworks,
                            network::v1::ListNetworksRequest(), take));
  return networks;
}

absl::StatusOr<Filters> ParseNetworkFilters(absl::string_view text) {
  static constexpr absl::string_view kKnown[] = {
      "dangling", "driver", "id", "label", "name", "scope", "type"};
  return Filters::Parse(text, kKnown);
}

absl::StatusOr<bool> NetworkMatches(const Filters& filters,
                                    const Network& network) {
  ASSIGN_OR_RETURN(const bool dangling, MatchesDangling(filters, network));
  ASSIGN_OR_RETURN(const bool type, MatchesType(filters, network));
  return dangling && type && filters.MatchExact("driver", network.driver()) &&
         filters.MatchRegex("id", network.id()) &&
         filters.MatchRegex("name", network.name()) &&
         filters.MatchExact("scope", "local") &&
         filters.MatchLabels("label", network.labels());
}

}  // namespace tug::gatewayd
