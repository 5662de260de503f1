// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "lib/event/event_bus.h"
#include "proto/tug/event/v1/event.grpc.pb.h"

namespace tug::rpc {

// EventService over an EventBus. Each watcher holds a server thread.
class GrpcEventService final : public event::v1::EventService::Service {
 public:
  GrpcEventService(const EventBus& events, std::string domain)
      : events_(events), domain_(std::move(domain)) {}

  grpc::Status Watch(grpc::ServerContext* context,
                     const event::v1::WatchRequest* request,
                     grpc::ServerWriter<event::v1::Event>* writer) override;

 private:
  // The sequence after which the watcher's events begin.
  int64_t StartOf(const event::v1::WatchRequest& request) const;

  const EventBus& events_;
  const std::string domain_;
};

}  // namespace tug::rpc
