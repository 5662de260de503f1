// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/images/image_events.h"

#include "lib/event/event_size.h"

namespace tug::imaged {

void ImageEvents::Publish(absl::string_view action, absl::string_view actor_id,
                          absl::string_view name,
                          const std::map<std::string, std::string>& labels) {
  event::v1::Event event;
  event.set_type("image");
  event.set_action(std::string(action));
  event.set_actor_id(std::string(actor_id));
  if (!name.empty()) {
    (*event.mutable_attributes())["name"] = std::string(name);
  }
  AddLabels(labels, event);
  bus_.Publish(std::move(event));
}

}  // namespace tug::imaged
