// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/events/own_events.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"

namespace tug::gatewayd {

using event::v1::Event;

absl::StatusOr<Event> OwnEventSource::Newest(absl::Duration) {
  Event greeting;
  greeting.set_boot_id(bus_.boot_id());
  greeting.set_sequence(bus_.newest_sequence());
  return greeting;
}

absl::Status OwnEventSource::Watch(
    const event::v1::WatchRequest& request, Cancellation* cancellation,
    absl::FunctionRef<absl::Status(const Event&)> on_event) {
  const ScopedCancelCallback close(cancellation, [this] { bus_.Close(); });
  ASSIGN_OR_RETURN(const Event greeting, Newest(absl::ZeroDuration()));
  RETURN_IF_ERROR(on_event(greeting));
  int64_t sequence = request.after_sequence();
  if (sequence < 0) sequence = greeting.sequence();
  if (sequence == 0) sequence = bus_.before_oldest_sequence();
  for (;;) {
    ASSIGN_OR_RETURN(const Event event,
                     bus_.Next(sequence, absl::InfiniteFuture()));
    sequence = event.sequence();
    RETURN_IF_ERROR(on_event(event));
  }
}

void PublishPrune(EventBus& bus, absl::string_view type, int64_t reclaimed) {
  Event event;
  event.set_type(std::string(type));
  event.set_action("prune");
  (*event.mutable_attributes())["reclaimed"] = absl::StrCat(reclaimed);
  bus.Publish(std::move(event));
}

}  // namespace tug::gatewayd
