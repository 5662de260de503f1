// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/routes/containers/container_filter.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/status_macros.h"
#include "services/gatewayd/operations/named_error.h"
#include "services/gatewayd/routes/containers/network_settings.h"
#include "services/gatewayd/server/docker_error.h"
#include "services/gatewayd/server/go_number.h"
#include "services/gatewayd/translate/status_prose.h"
#include "services/gatewayd/translate/times.h"

namespace tug::gatewayd {
namespace {

using runtime::v1::Container;

constexpr absl::string_view kKnown[] = {
    "ancestor", "before",  "exited",    "expose", "health",
    "id",       "is-task", "isolation", "label",  "name",
    "network",  "publish", "since",     "status", "volume"};
constexpr absl::string_view kStates[] = {
    "created", "running", "paused", "restarting", "removing", "exited", "dead"};
constexpr absl::string_view kHealths[] = {"none", "starting", "healthy",
                                          "unhealthy"};

absl::Status InvalidFilter(absl::string_view key, absl::string_view value,
                           absl::string_view why) {
  return DockerError(
      400, absl::StrCat("invalid filter '", key, "=", value, "': ", why));
}

template <size_t kSize>
bool IsAmong(const absl::string_view (&words)[kSize], absl::string_view word) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

// "" for a container without probes is "none", as with Docker.
std::string HealthWord(const Container& container) {
  const std::string& state = container.health().state();
  return state.empty() ? "none" : state;
}

absl::StatusOr<uint32_t> ParsePort(absl::string_view text,
                                   absl::string_view which) {
  const absl::StatusOr<uint64_t> port =
      ParseGoUnsigned(text, std::numeric_limits<uint16_t>::max());
  if (port.ok()) return static_cast<uint32_t>(*port);
  return absl::InvalidArgumentError(absl::StrCat(
      "invalid ", which, " port '", text,
      "': ", text.empty() ? "value is empty" : port.status().message()));
}

absl::StatusOr<absl::Time> CreationOf(const Peers& peers,
                                      const std::string& reference) {
  runtime::v1::GetContainerRequest request;
  request.set_reference(reference);
  const auto found = peers.containers.GetContainer(request);
  if (!found.ok()) return NamedError(found.status(), reference);
  return ToTime(found->created());
}

}  // namespace

absl::Status ContainerFilter::CheckValues() {
  for (const std::string& value : filters_.Values("status")) {
    if (IsAmong(kStates, value)) continue;
    return InvalidFilter("status", value,
                         absl::StrCat("invalid value for state (", value,
                                      "): must be one of created, running, "
                                      "paused, restarting, removing, exited, "
                                      "dead"));
  }
  for (const std::string& value : filters_.Values("health")) {
    if (IsAmong(kHealths, value)) continue;
    return InvalidFilter("health", value,
                         absl::StrCat("invalid value for health (", value,
                                      "): must be one of none, starting, "
                                      "healthy, unhealthy"));
  }
  for (const std::string& value : filters_.Values("exited")) {
    const absl::StatusOr<int64_t> code = ParseGoSigned(value);
    if (!code.ok()) {
      return InvalidFilter("exited", value,
                           absl::StrCat("strconv.Atoi: parsing \"", value,
                                        "\": ", code.status().message()));
    }
    exit_codes_.insert(*code);
  }
  ASSIGN_OR_RETURN(is_task_, filters_.Bool("is-task"));
  ASSIGN_OR_RETURN(publish_, ParsePorts(filters_, "publish"));
  ASSIGN_OR_RETURN(expose_, ParsePorts(filters_, "expose"));
  return absl::OkStatus();
}

absl::StatusOr<ContainerFilter::PortRange> ContainerFilter::ParsePortRange(
    absl::string_view text) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits('/', 1));
  if (text.empty()) {
    return absl::InvalidArgumentError("invalid port range: value is empty");
  }
  const std::vector<absl::string_view> bounds =
      absl::StrSplit(parts.first, absl::MaxSplits('-', 1));
  PortRange range;
  range.protocol =
      parts.second.empty() ? "tcp" : absl::AsciiStrToLower(parts.second);
  ASSIGN_OR_RETURN(range.first, ParsePort(bounds[0], "start"));
  range.last = range.first;
  if (bounds.size() == 1) return range;
  ASSIGN_OR_RETURN(range.last, ParsePort(bounds[1], "end"));
  if (range.last < range.first) {
    return absl::InvalidArgumentError(
        absl::StrCat("invalid port range: ", parts.first));
  }
  return range;
}

absl::StatusOr<std::vector<ContainerFilter::PortRange>>
ContainerFilter::ParsePorts(const Filters& filters, const char* key) {
  std::vector<PortRange> ranges;
  for (const std::string& value : filters.Values(key)) {
    absl::StatusOr<PortRange> range = ParsePortRange(value);
    if (!range.ok()) {
      // Docker answers 500 to a value that is no port.
      return DockerError(
          500, absl::StrCat("error while looking up for ", key, " ", value,
                            ": ", range.status().message()));
    }
    ranges.push_back(*std::move(range));
  }
  return ranges;
}

absl::Status ContainerFilter::LookUp(const Peers& peers) {
  for (const std::string& reference : filters_.Values("before")) {
    ASSIGN_OR_RETURN(before_, CreationOf(peers, reference));
  }
  for (const std::string& reference : filters_.Values("since")) {
    ASSIGN_OR_RETURN(since_, CreationOf(peers, reference));
  }
  for (const std::string& name : filters_.Values("ancestor")) {
    image::v1::GetImageRequest request;
    request.set_name(name);
    const auto image = peers.images.GetImage(request);
    if (image.ok()) images_.insert(image->id());
  }
  return absl::OkStatus();
}

absl::StatusOr<ContainerFilter> ContainerFilter::Parse(
    const Peers& peers, const std::string& text) {
  ContainerFilter filter;
  ASSIGN_OR_RETURN(filter.filters_, Filters::Parse(text, kKnown));
  RETURN_IF_ERROR(filter.CheckValues());
  RETURN_IF_ERROR(filter.LookUp(peers));
  return filter;
}

bool ContainerFilter::MatchesState(const Container& container) const {
  if (!filters_.MatchExact("status", StateWord(container.state())) ||
      !filters_.MatchExact("health", HealthWord(container))) {
    return false;
  }
  if (exit_codes_.empty()) return true;
  return container.has_finished_at() && !IsRunning(container) &&
         exit_codes_.count(container.exit_code()) != 0;
}

bool ContainerFilter::MatchesImage(const Container& container) const {
  return !filters_.Has("ancestor") ||
         images_.count(container.image_id()) != 0 ||
         filters_.MatchExact("ancestor", container.config().image());
}

bool ContainerFilter::MatchesVolume(const Container& container) const {
  if (!filters_.Has("volume")) return true;
  for (const runtime::v1::MountPoint& point : container.mounts()) {
    const std::string& name =
        point.name().empty() ? point.source() : point.name();
    if (filters_.MatchExact("volume", name) ||
        filters_.MatchExact("volume", point.destination())) {
      return true;
    }
  }
  return false;
}

bool ContainerFilter::MatchesNetwork(
    const Container& container, const network::v1::Sandbox* sandbox) const {
  if (!filters_.Has("network")) return true;
  for (const auto& endpoint : EndpointsOf(container, sandbox)) {
    if (filters_.MatchExact("network", endpoint.network_name()) ||
        (!endpoint.network_id().empty() &&
         filters_.MatchExact("network", endpoint.network_id()))) {
      return true;
    }
  }
  return false;
}

bool ContainerFilter::MatchesPorts(const Container& container,
                                   const network::v1::Sandbox* sandbox) const {
  if (publish_.empty() && expose_.empty()) return true;
  const auto among = [](const std::vector<PortRange>& ranges, int64_t port,
                        absl::string_view protocol) {
    return std::any_of(ranges.begin(), ranges.end(), [&](const auto& range) {
      return port >= range.first && port <= range.last &&
             protocol == range.protocol;
    });
  };
  for (const auto& value : EncodePortSummaries(container, sandbox)) {
    const auto& port = value.get_object();
    const auto& type = port.at("Type").get_string();
    const absl::string_view protocol(type.data(), type.size());
    if (among(expose_, port.at("PrivatePort").to_number<int64_t>(), protocol)) {
      return true;
    }
    const auto* published = port.if_contains("PublicPort");
    if (published != nullptr &&
        among(publish_, published->to_number<int64_t>(), protocol)) {
      return true;
    }
  }
  return false;
}

bool ContainerFilter::Matches(const Container& container,
                              const network::v1::Sandbox* sandbox) const {
  if (filters_.empty()) return true;
  if (is_task_.value_or(false)) return false;
  const absl::Time created = ToTime(container.created());
  if (before_.has_value() && created >= *before_) return false;
  if (since_.has_value() && created <= *since_) return false;
  const bool name =
      filters_.MatchRegex("name", container.name()) ||
      filters_.MatchRegex("name", absl::StrCat("/", container.name()));
  return name && filters_.MatchPrefix("id", container.id()) &&
         filters_.MatchLabels("label", container.config().labels().values()) &&
         filters_.MatchExact("isolation", "") && MatchesState(container) &&
         MatchesImage(container) && MatchesVolume(container) &&
         MatchesNetwork(container, sandbox) && MatchesPorts(container, sandbox);
}

}  // namespace tug::gatewayd
