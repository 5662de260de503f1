// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/routes/volumes/volume_routes.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "boost/json/array.hpp"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/gatewayd/events/own_events.h"
#include "services/gatewayd/lastknown/last_known_objects.h"
#include "services/gatewayd/peers/list_pages.h"
#include "services/gatewayd/server/docker_error.h"
#include "services/gatewayd/translate/filters.h"
#include "services/gatewayd/translate/volume_json.h"

namespace tug::gatewayd {
namespace {

namespace json = boost::json;
using volume::v1::Volume;

absl::StatusOr<bool> Matches(const Filters& filters, const Volume& volume) {
  ASSIGN_OR_RETURN(const auto dangling, filters.Bool("dangling"));
  if (dangling.has_value() && *dangling != volume.leases().empty()) {
    return false;
  }
  bool name = !filters.Has("name");
  for (const std::string& part : filters.Values("name")) {
    name = name || absl::StrContains(volume.name(), part);
  }
  return name && filters.MatchExact("driver", volume.driver()) &&
         filters.MatchLabels("label", volume.labels());
}

absl::Status List(const Peers& peers, RequestContext& context) {
  static constexpr absl::string_view kKnown[] = {"dangling", "driver", "label",
                                                 "name"};
  const std::string text = context.query().Get("filters");
  const absl::Status readable = Filters::Parse(text, {}).status();
  if (!readable.ok()) {
    return DockerError(400, absl::StrCat("error reading volume filters: ",
                                         readable.message()));
  }
  ASSIGN_OR_RETURN(const Filters filters, Filters::Parse(text, kKnown));
  ASSIGN_OR_RETURN(const std::vector<Volume> all,
                   ReadOrLastKnown<Volume>(peers.known.volumes, [&] {
                     return ListAllVolumes(peers.volumes, /*sizes=*/false);
                   }));
  json::array shown;
  for (const Volume& volume : all) {
    ASSIGN_OR_RETURN(const bool matches, Matches(filters, volume));
    if (matches) shown.push_back(EncodeVolume(volume));
  }
  return context.RespondJson(
      200, json::object{{"Volumes", std::move(shown)}, {"Warnings", nullptr}});
}

absl::StatusOr<Volume> FindPatiently(const Peers& peers,
                                     const volume::v1::GetVolumeRequest& find) {
  const auto ask = [&] { return peers.volumes.GetVolume(find); };
  auto volume = WithPatience(ask);
  if (!absl::IsDeadlineExceeded(volume.status())) return volume;
  const auto known = peers.known.volumes.All();
  if (!known.has_value()) return ask();
  for (const Volume& one : *known) {
    if (one.name() == find.name()) return one;
  }
  return volume;
}

absl::Status Inspect(const Peers& peers, RequestContext& context) {
  volume::v1::GetVolumeRequest request;
  request.set_name(context.parameter());
  ASSIGN_OR_RETURN(const Volume volume, FindPatiently(peers, request));
  return context.RespondJson(200, EncodeVolume(volume));
}

absl::Status Create(VolumeClient& volumes, RequestContext& context) {
  ASSIGN_OR_RETURN(const auto body, context.ReadJsonBody());
  ASSIGN_OR_RETURN(const volume::v1::CreateVolumeRequest request,
                   DecodeVolumeCreate(body.value_or(json::object())));
  context.subject = request.name();
  absl::StatusOr<Volume> volume = volumes.CreateVolume(request);
  if (!volume.ok())
    return WithMetadata(volume.status(), "name", request.name());
  return context.RespondJson(201, EncodeVolume(*volume));
}

absl::Status Remove(VolumeClient& volumes, RequestContext& context) {
  volume::v1::RemoveVolumeRequest request;
  request.set_name(context.parameter());
  request.set_force(context.QueryBool("force"));
  const absl::Status removed = volumes.RemoveVolume(request);
  if (!(request.force() && StatusReason(removed) == "VOLUME_UNKNOWN")) {
    RETURN_IF_ERROR(removed);
  }
  return context.RespondEmpty(204);
}

// Only swarm's cluster volumes can be changed.
absl::Status Update(VolumeClient&, RequestContext&) {
  return DockerError(503,
                     "volume update only valid for cluster volumes, but swarm "
                     "is unavailable");
}

bool MayPrune(const Filters& filters, bool all, const Volume& volume) {
  if (!volume.leases().empty()) return false;
  if (!all && !volume.anonymous()) return false;
  return filters.MatchLabels("label", volume.labels()) &&
         !filters.AnyLabel("label!", volume.labels());
}

// Whether volumes with names go, too: "all", and everything before 1.42. In the
// words of Go's strconv.ParseBool, which takes more than other filters do.
absl::StatusOr<bool> PrunesNamed(const Filters& filters, ApiVersion version) {
  const std::vector<std::string> given = filters.Values("all");
  std::set<std::string> values(given.begin(), given.end());
  if (version < ApiVersion{1, 42}) values.insert("true");
  if (values.size() > 1) {
    return DockerError(
        400, absl::StrCat("invalid filter 'all=[", absl::StrJoin(values, " "),
                          "]': only one value is expected"));
  }
  if (values.empty()) return false;
  static constexpr absl::string_view kTrue[] = {"1",    "t",    "T",
                                                "TRUE", "true", "True"};
  static constexpr absl::string_view kFalse[] = {"0",     "f",     "F",
                                                 "FALSE", "false", "False"};
  const std::string& value = *values.begin();
  if (absl::c_linear_search(kTrue, value)) return true;
  if (absl::c_linear_search(kFalse, value)) return false;
  return DockerError(
      400, absl::StrCat("invalid filter 'all': strconv.ParseBool: parsing \"",
                        value, "\": invalid syntax"));
}

absl::Status Prune(VolumeClient& volumes, EventBus& own_events,
                   RequestContext& context) {
  static constexpr absl::string_view kKnown[] = {"all", "label", "label!"};
  ASSIGN_OR_RETURN(const Filters filters,
                   Filters::Parse(context.query().Get("filters"), kKnown));
  ASSIGN_OR_RETURN(const bool named, PrunesNamed(filters, context.version()));
  ASSIGN_OR_RETURN(const std::vector<Volume> candidates,
                   ListAllVolumes(volumes, /*sizes=*/true));
  json::array deleted;  // [] where nothing was, unlike the other prunes.
  int64_t reclaimed = 0;
  for (const Volume& volume : candidates) {
    if (!MayPrune(filters, named, volume)) continue;
    volume::v1::RemoveVolumeRequest request;
    request.set_name(volume.name());
    const absl::Status removed = volumes.RemoveVolume(request);
    // Somebody may use or remove it meanwhile.
    if (StatusReason(removed) == "VOLUME_IN_USE" ||
        StatusReason(removed) == "VOLUME_UNKNOWN") {
      continue;
    }
    RETURN_IF_ERROR(removed);
    deleted.emplace_back(volume.name());
    reclaimed += std::max<int64_t>(volume.size(), 0);
  }
  PublishPrune(own_events, "volume", reclaimed);
  return context.RespondJson(
      200, json::object{{"VolumesDeleted", std::move(deleted)},
                        {"SpaceReclaimed", reclaimed}});
}

}  // namespace

absl::StatusOr<std::vector<Volume>> ListAllVolumes(VolumeClient& client,
                                                   bool sizes) {
  std::vector<Volume> volumes;
  volume::v1::ListVolumesRequest request;
  request.set_sizes(sizes);
  const auto take = [&](volume::v1::ListVolumesResponse& page) {
    for (Volume& volume : *page.mutable_volumes()) {
      volumes.push_back(std::move(volume));
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(ReadPages(client, &VolumeClient::ListVolumes, request, take));
  return volumes;
}

std::vector<Route> VolumeRoutes(const Peers& peers) {
  VolumeClient& volumes = peers.volumes;
  const auto bind =
      [&volumes](absl::Status (*handler)(VolumeClient&, RequestContext&)) {
        return [&volumes, handler](RequestContext& context) {
          return handler(volumes, context);
        };
      };
  return {
      {"GET",
       "/volumes",
       {1, 21},
       [&peers](RequestContext& context) { return List(peers, context); }},
      {"POST", "/volumes/create", {1, 21}, bind(Create)},
      {"POST",
       "/volumes/prune",
       {1, 25},
       [&peers](RequestContext& context) {
         return Prune(peers.volumes, peers.own_events, context);
       }},
      {"GET",
       "/volumes/{name}",
       {1, 21},
       [&peers](RequestContext& context) { return Inspect(peers, context); }},
      {"PUT", "/volumes/{name}", {1, 42}, bind(Update)},
      {"DELETE", "/volumes/{name}", {1, 21}, bind(Remove)},
  };
}

}  // namespace tug::gatewayd
