// SPDX-License-Identifier: Apache-2.0
#include "lib/rpc/event_service.h"

#include <algorithm>

#include "absl/time/clock.h"
#include "lib/rpc/status_conversion.h"

namespace tug::rpc {
namespace {

// How often a watcher without events is asked whether it is still there.
constexpr absl::Duration kCancellationCheck = absl::Milliseconds(500);

}  // namespace

int64_t GrpcEventService::StartOf(
    const event::v1::WatchRequest& request) const {
  const int64_t newest = events_.newest_sequence();
  if (request.after_sequence() < 0) return newest;
  const bool from_oldest =
      request.after_sequence() == 0 || request.boot_id() != events_.boot_id();
  if (from_oldest) return events_.before_oldest_sequence();
  return std::min(request.after_sequence(), newest);
}

grpc::Status GrpcEventService::Watch(
    grpc::ServerContext* context, const event::v1::WatchRequest* request,
    grpc::ServerWriter<event::v1::Event>* writer) {
  int64_t sequence = StartOf(*request);
  event::v1::Event greeting;
  greeting.set_boot_id(events_.boot_id());
  greeting.set_sequence(events_.newest_sequence());
  if (!writer->Write(greeting)) return grpc::Status::CANCELLED;
  while (!context->IsCancelled()) {
    const auto event =
        events_.Next(sequence, absl::Now() + kCancellationCheck);
    if (absl::IsDeadlineExceeded(event.status())) continue;
    // Close() means that the service ends: callers reconnect, as to a restart.
    if (absl::IsCancelled(event.status())) {
      return ToGrpc(absl::UnavailableError("the service ends"), domain_);
    }
    if (!event.ok()) return ToGrpc(event.status(), domain_);
    if (!writer->Write(*event)) break;
    sequence = event->sequence();
  }
  return grpc::Status::CANCELLED;
}

}  // namespace tug::rpc
