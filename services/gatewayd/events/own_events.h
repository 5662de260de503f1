// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "lib/event/event_bus.h"
#include "services/gatewayd/peers/event_source.h"

namespace tug::gatewayd {

// The events that only the gateway knows of, because it has sequenced what they
// tell, as one more source of the feed. The bus must outlive it.
class OwnEventSource final : public EventSource {
 public:
  explicit OwnEventSource(EventBus& bus) : bus_(bus) {}

  absl::string_view service() const override { return "gatewayd"; }
  absl::Status Watch(const event::v1::WatchRequest& request,
                     Cancellation* cancellation,
                     absl::FunctionRef<absl::Status(const event::v1::Event&)>
                         on_event) override;
  absl::StatusOr<event::v1::Event> Newest(absl::Duration timeout) override;

 private:
  EventBus& bus_;
};

// Publishes that all unused objects of a type were removed, and how many bytes
// that gave back.
void PublishPrune(EventBus& bus, absl::string_view type, int64_t reclaimed);

}  // namespace tug::gatewayd
