// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "boost/json/array.hpp"
#include "boost/json/object.hpp"
#include "boost/json/parse.hpp"
#include "lib/base/log.h"
#include "lib/base/status_macros.h"
#include "services/gatewayd/lastknown/last_known_objects.h"
#include "services/gatewayd/operations/parallel.h"
#include "services/gatewayd/peers/list_pages.h"
#include "services/gatewayd/routes/containers/container_filter.h"
#include "services/gatewayd/routes/containers/container_usage.h"
#include "services/gatewayd/routes/containers/handlers.h"
#include "services/gatewayd/routes/containers/link_names.h"
#include "services/gatewayd/routes/containers/mount_json.h"
#include "services/gatewayd/routes/containers/network_settings.h"
#include "services/gatewayd/translate/endpoint_json.h"
#include "services/gatewayd/translate/status_prose.h"
#include "services/gatewayd/translate/times.h"

namespace tug::gatewayd {
namespace {

namespace json = boost::json;
using runtime::v1::Container;

constexpr ApiVersion kHealth = {1, 52};
constexpr ApiVersion kDescriptor = {1, 48};

using Sandboxes = std::map<std::string, network::v1::Sandbox>;

absl::StatusOr<std::vector<Container>> AskForContainers(
    ContainerClient& client) {
  std::vector<Container> all;
  runtime::v1::ListContainersRequest request;
  request.set_view(runtime::v1::CONTAINER_VIEW_BASIC);
  const auto take = [&](runtime::v1::ListContainersResponse& page) {
    for (Container& container : *page.mutable_containers()) {
      all.push_back(std::move(container));
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(
      ReadPages(client, &ContainerClient::ListContainers, request, take));
  return all;
}

absl::StatusOr<std::vector<network::v1::Sandbox>> AskForSandboxes(
    SandboxClient& client) {
  std::vector<network::v1::Sandbox> all;
  const auto take = [&](network::v1::ListSandboxesResponse& page) {
    for (network::v1::Sandbox& sandbox : *page.mutable_sandboxes()) {
      all.push_back(std::move(sandbox));
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(ReadPages(client, &SandboxClient::ListSandboxes,
                            network::v1::ListSandboxesRequest(), take));
  return all;
}

// Newest first, as the service lists them.
absl::StatusOr<std::vector<Container>> ReadContainers(const Peers& peers) {
  ASSIGN_OR_RETURN(std::vector<Container> all,
                   ReadOrLastKnown<Container>(peers.known.containers, [&] {
                     return AskForContainers(peers.containers);
                   }));
  std::stable_sort(all.begin(), all.end(),
                   [](const Container& a, const Container& b) {
                     return ToTime(a.created()) > ToTime(b.created());
                   });
  return all;
}

// A list must not fail because the network service is away.
void ReadSandboxes(const Peers& peers, Sandboxes& sandboxes) {
  auto all = ReadOrLastKnown<network::v1::Sandbox>(
      peers.known.sandboxes, [&] { return AskForSandboxes(peers.sandboxes); });
  if (!all.ok()) {
    LogIfError(all.status(), "list sandboxes for a container list");
    return;
  }
  for (network::v1::Sandbox& sandbox : *all) {
    std::string lease = sandbox.lease();
    sandboxes.emplace(std::move(lease), std::move(sandbox));
  }
}

// The command line as a list shows it: words with spaces in quotes.
std::string CommandText(const Container& container) {
  std::string text = container.path();
  for (const std::string& word : container.args()) {
    absl::StrAppend(
        &text, " ",
        absl::StrContains(word, ' ') ? absl::StrCat("'", word, "'") : word);
  }
  return text;
}

json::object EncodeLabels(const Container& container) {
  json::object labels;
  for (const auto& [name, value] : container.config().labels().values()) {
    labels[name] = value;
  }
  return labels;
}

json::object EncodeHealthSummary(const Container& container) {
  const std::string& state = container.health().state();
  return {{"Status", state.empty() ? "none" : state},
          {"FailingStreak", container.health().failing_streak()}};
}

json::object EncodeHostSummary(const Container& container) {
  json::object object{{"NetworkMode", container.host_config().network_mode()}};
  const auto& annotations = container.host_config().annotations().values();
  if (!annotations.empty()) {
    json::object map;
    for (const auto& [name, value] : annotations) map[name] = value;
    object["Annotations"] = std::move(map);
  }
  return object;
}

json::object EncodeNetworks(const Container& container,
                            const network::v1::Sandbox* sandbox) {
  json::object networks;
  for (const auto& endpoint : EndpointsOf(container, sandbox)) {
    networks[endpoint.network_name()] = EncodeEndpointSummary(endpoint);
  }
  return {{"Networks", std::move(networks)}};
}

class SummaryEncoder {
 public:
  SummaryEncoder(const ContainerParts& parts, const RequestContext& context,
                 LinkNames links)
      : parts_(parts),
        links_(std::move(links)),
        version_(context.version()),
        sizes_(context.QueryBool("size")),
        now_(absl::Now()) {}

  json::object Encode(const Container& container,
                      const network::v1::Sandbox* sandbox) const {
    json::object object{{"Id", container.id()},
                        {"Names", EncodeNames(container)},
                        {"Image", container.config().image()},
                        {"ImageID", container.image_id()}};
    AddDescriptor(container, object);
    object["Command"] = CommandText(container);
    object["Created"] = container.created().seconds();
    object["Ports"] = EncodePortSummaries(container, sandbox);
    if (sizes_) AddSizes(parts_.peers.snapshots, container.id(), object);
    object["Labels"] = EncodeLabels(container);
    object["State"] = std::string(StateWord(container.state()));
    object["Status"] = StatusProse(container, now_);
    object["HostConfig"] = EncodeHostSummary(container);
    if (version_ >= kHealth) object["Health"] = EncodeHealthSummary(container);
    object["NetworkSettings"] = EncodeNetworks(container, sandbox);
    object["Mounts"] = EncodeMounts(container);
    return object;
  }

 private:
  json::array EncodeNames(const Container& container) const {
    std::set<std::string> names = {absl::StrCat("/", container.name())};
    const auto found = links_.find(container.id());
    if (found != links_.end()) {
      names.insert(found->second.begin(), found->second.end());
    }
    return json::array(names.begin(), names.end());
  }

  void AddDescriptor(const Container& container, json::object& object) const {
    const std::string& text = container.image_manifest_descriptor();
    if (version_ < kDescriptor || text.empty()) return;
    boost::system::error_code error;
    json::value descriptor = json::parse(text, error);
    if (!error) object["ImageManifestDescriptor"] = std::move(descriptor);
  }

  const ContainerParts& parts_;
  const LinkNames links_;
  const ApiVersion version_;
  const bool sizes_;
  const absl::Time now_;
};

}  // namespace

absl::Status ListContainers(const ContainerParts& parts,
                            RequestContext& context) {
  ASSIGN_OR_RETURN(int64_t limit, context.QueryInt("limit", 0));
  ASSIGN_OR_RETURN(
      const ContainerFilter filter,
      ContainerFilter::Parse(parts.peers, context.query().Get("filters")));
  const bool all = context.QueryBool("all") || limit > 0 || filter.wants_all();
  absl::StatusOr<std::vector<Container>> containers;
  Sandboxes sandboxes;
  RETURN_IF_ERROR(RunParallel({
      [&] {
        containers = ReadContainers(parts.peers);
        return containers.status();
      },
      [&] {
        ReadSandboxes(parts.peers, sandboxes);
        return absl::OkStatus();
      },
  }));
  const SummaryEncoder encoder(parts, context, LinkNamesOf(*containers));
  json::array shown;
  for (const Container& container : *containers) {
    if (limit > 0 && shown.size() >= static_cast<size_t>(limit)) break;
    if (container.state() == runtime::v1::CONTAINER_STATE_CREATING) continue;
    const bool live =
        IsRunning(container) ||
        container.state() == runtime::v1::CONTAINER_STATE_RESTARTING;
    if (!all && !live) continue;
    const auto found = sandboxes.find(container.id());
    const network::v1::Sandbox* const sandbox =
        found == sandboxes.end() ? nullptr : &found->second;
    if (filter.Matches(container, sandbox)) {
      shown.push_back(encoder.Encode(container, sandbox));
    }
  }
  return context.RespondJson(200, shown);
}

}  // namespace tug::gatewayd
