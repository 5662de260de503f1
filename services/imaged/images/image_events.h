// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "lib/event/event_bus.h"

namespace tug::imaged {

// Publishes Docker's image events: the image's labels are attributes, and
// `name` is another.
class ImageEvents {
 public:
  explicit ImageEvents(EventBus& bus) : bus_(bus) {}

  void Publish(absl::string_view action, absl::string_view actor_id,
               absl::string_view name,
               const std::map<std::string, std::string>& labels);

 private:
  EventBus& bus_;
};

}  // namespace tug::imaged
