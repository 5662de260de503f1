// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/events/container_events.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lib/event/event_size.h"

namespace tug::runtimed {

void PublishContainerEvent(EventBus& events,
                           const runtime::v1::Container& container,
                           absl::string_view action,
                           const std::map<std::string, std::string>& extra) {
  event::v1::Event event;
  event.set_type("container");
  event.set_action(std::string(action));
  event.set_actor_id(container.id());
  auto& attributes = *event.mutable_attributes();
  attributes["image"] = container.config().image();
  attributes["name"] = container.name();
  for (const auto& [key, value] : extra) attributes[key] = value;
  AddLabels(container.config().labels().values(), event);
  events.Publish(std::move(event));
}

void PublishSettled(EventBus& events, const std::string& id) {
  event::v1::Event event;
  event.set_type("container");
  event.set_action("settled");
  event.set_actor_id(id);
  event.set_internal(true);
  events.Publish(std::move(event));
}

std::string ExecAction(absl::string_view verb,
                       const runtime::v1::ExecConfig& config) {
  return absl::StrCat(verb, ": ", absl::StrJoin(config.cmd(), " "));
}

}  // namespace tug::runtimed
