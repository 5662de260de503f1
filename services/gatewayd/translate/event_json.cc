// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/translate/event_json.h"

#include <map>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "services/gatewayd/translate/image_json.h"
#include "services/gatewayd/translate/times.h"

namespace tug::gatewayd {
namespace {

namespace json = boost::json;
using event::v1::Event;

std::string Attribute(const Event& event, const std::string& key) {
  const auto found = event.attributes().find(key);
  return found == event.attributes().end() ? "" : found->second;
}

// `filter` names an actor of type `type` by id, id prefix or name.
bool MatchesActor(const Filters& filters, absl::string_view filter,
                  const Event& event, absl::string_view type) {
  if (!filters.Has(filter)) return true;
  if (event.type() != type) return false;
  return filters.MatchPrefix(filter, event.actor_id()) ||
         filters.MatchExact(filter, Attribute(event, "name"));
}

// "exec_create: sh" is also found as "exec_create", "health_status: healthy" as
// "health_status".
bool MatchesAction(const Filters& filters, const Event& event) {
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(event.action(), absl::MaxSplits(": ", 1));
  return filters.MatchExact("event", event.action()) ||
         filters.MatchExact("event", parts.first);
}

// An image event by its id or name, a container event by its image; tags may
// be left out.
bool MatchesImage(const Filters& filters, const Event& event) {
  if (!filters.Has("image")) return true;
  const bool container = event.type() == "container";
  if (!container && event.type() != "image") return false;
  const std::string name = Attribute(event, container ? "image" : "name");
  const auto without_tag = [](const std::string& text) {
    const size_t colon = text.rfind(':');
    const bool is_tag = colon != std::string::npos &&
                        text.find('/', colon) == std::string::npos;
    return is_tag ? text.substr(0, colon) : text;
  };
  const std::string id = container ? "" : event.actor_id();
  for (const std::string& text :
       {id, name, without_tag(id), without_tag(name)}) {
    if (!text.empty() && filters.MatchExact("image", text)) return true;
  }
  return false;
}

}  // namespace

json::object EncodeEvent(const Event& event, ApiVersion version) {
  json::object object;
  if (version < ApiVersion{1, 52} &&
      (event.type() == "container" || event.type() == "image")) {
    object["status"] = event.action();
    object["id"] = event.actor_id();
    if (event.type() == "container") {
      object["from"] = Attribute(event, "image");
    }
  }
  json::object attributes;
  for (const auto& [key, value] : std::map<std::string, std::string>(
           event.attributes().begin(), event.attributes().end())) {
    attributes[key] = value;
  }
  object["Type"] = event.type();
  object["Action"] = event.action();
  object["Actor"] = json::object{{"ID", event.actor_id()},
                                 {"Attributes", std::move(attributes)}};
  object["scope"] = "local";
  object["time"] = event.time().seconds();
  object["timeNano"] = absl::ToUnixNanos(ToTime(event.time()));
  return object;
}

bool EventMatches(const Filters& filters, const Event& event) {
  return MatchesAction(filters, event) &&
         filters.MatchExact("type", event.type()) &&
         filters.MatchExact("scope", "local") &&
         MatchesActor(filters, "container", event, "container") &&
         MatchesActor(filters, "network", event, "network") &&
         MatchesActor(filters, "volume", event, "volume") &&
         MatchesActor(filters, "plugin", event, "plugin") &&
         MatchesActor(filters, "daemon", event, "daemon") &&
         MatchesActor(filters, "config", event, "config") &&
         MatchesActor(filters, "secret", event, "secret") &&
         MatchesActor(filters, "service", event, "service") &&
         MatchesActor(filters, "node", event, "node") &&
         MatchesImage(filters, event) &&
         filters.MatchLabels("label", event.attributes());
}

}  // namespace tug::gatewayd
