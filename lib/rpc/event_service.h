// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "lib/event/event_bus.h"
#include "proto/tug/event/v1/event.grpc.pb.h"

namespace tug::rpc {

// EventService over an EventBus. A watcher holds no thread: it is woken by the
// bus, and sends the next event when the one before has gone.
class GrpcEventService final
    : public event::v1::EventService::WithCallbackMethod_Watch<
          event::v1::EventService::Service> {
 public:
  // `events` must outlive the calls.
  GrpcEventService(EventBus& events, std::string domain)
      : events_(events), domain_(std::move(domain)) {}

  grpc::ServerWriteReactor<event::v1::Event>* Watch(
      grpc::CallbackServerContext* context,
      const event::v1::WatchRequest* request) override;

 private:
  // The sequence after which the watcher's events begin.
  int64_t StartOf(const event::v1::WatchRequest& request) const;

  EventBus& events_;
  const std::string domain_;
};

}  // namespace tug::rpc
