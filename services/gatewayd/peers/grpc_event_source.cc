// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "proto/tug/event/v1/event.grpc.pb.h"
#include "services/gatewayd/peers/grpc_call.h"
#include "services/gatewayd/peers/grpc_clients.h"

namespace tug::gatewayd {
namespace {

namespace v1 = event::v1;
using Stub = v1::EventService::Stub;

class GrpcEventSource final : public EventSource {
 public:
  GrpcEventSource(ChannelPtr channel, std::string service)
      : stub_(std::move(channel)), service_(std::move(service)) {}

  absl::string_view service() const override { return service_; }

  absl::Status Watch(
      const v1::WatchRequest& request, Cancellation* cancellation,
      absl::FunctionRef<absl::Status(const v1::Event&)> on_event) override {
    return CallStream<v1::Event>(stub_, &Stub::Watch, request, cancellation,
                                 on_event);
  }

  absl::StatusOr<v1::Event> Newest(absl::Duration timeout) override {
    v1::WatchRequest request;
    request.set_after_sequence(-1);
    std::optional<v1::Event> greeting;
    const absl::Status ended = CallStream<v1::Event>(
        stub_, &Stub::Watch, request, nullptr,
        [&](const v1::Event& event) {
          greeting = event;
          return absl::AbortedError("enough");
        },
        timeout);
    if (!greeting.has_value()) return ended;
    return *std::move(greeting);
  }

 private:
  Stub stub_;
  const std::string service_;
};

}  // namespace

std::unique_ptr<EventSource> NewEventSource(ChannelPtr channel,
                                            std::string service) {
  return std::make_unique<GrpcEventSource>(std::move(channel),
                                           std::move(service));
}

}  // namespace tug::gatewayd
