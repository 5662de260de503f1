// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "proto/tug/event/v1/event.pb.h"
#include "services/gatewayd/server/cancellation.h"

namespace tug::gatewayd {

// The events of one service; see EventService. Thread-safe.
class EventSource {
 public:
  virtual ~EventSource() = default;

  // "runtimed", "imaged", ...
  virtual absl::string_view service() const = 0;

  // Blocks, handing every event to `on_event` on this thread, until cancelled
  // (CANCELLED), refused by `on_event`, or cut off (UNAVAILABLE: watch again).
  virtual absl::Status Watch(
      const event::v1::WatchRequest& request, Cancellation* cancellation,
      absl::FunctionRef<absl::Status(const event::v1::Event&)> on_event) = 0;

  // Boot id and sequence of the newest event; at most `timeout`.
  virtual absl::StatusOr<event::v1::Event> Newest(absl::Duration timeout) = 0;
};

}  // namespace tug::gatewayd
