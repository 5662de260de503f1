// SPDX-License-Identifier: Apache-2.0
//
// The streaming calls of ContainerService.
#include <sys/eventfd.h>

#include <atomic>
#include <memory>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "lib/base/status.h"
#include "lib/rpc/status_conversion.h"
#include "services/runtimed/containers/state_machine.h"
#include "services/runtimed/containers/timestamps.h"
#include "services/runtimed/grpc/grpc_container_service.h"
#include "services/runtimed/logs/log_stream.h"
#include "services/runtimed/stats/sampler.h"

namespace tug::runtimed {
namespace {

using grpc::ServerContext;
using grpc::ServerWriter;
using runtime::v1::WaitCondition;
using runtime::v1::WaitContainerResponse;

constexpr char kDomain[] = "runtimed.tug";
// How soon a call notices that its caller has left.
constexpr absl::Duration kCancelPoll = absl::Milliseconds(250);
constexpr absl::Duration kSampleInterval = absl::Seconds(1);

grpc::Status Finish(const absl::Status& status) {
  return rpc::ToGrpc(status, kDomain);
}

bool IsOver(WaitCondition condition, const ExitWatch::Seen& seen) {
  if (seen.removed) return true;
  if (condition == runtime::v1::WAIT_CONDITION_REMOVED) return false;
  if (condition == runtime::v1::WAIT_CONDITION_NEXT_EXIT) return seen.exits > 0;
  return seen.exits > 0 && seen.at_rest;
}

// What a reader of logs and its call share; whichever ends last frees it.
struct LogCall {
  absl::Notification done;
  absl::Status outcome;
  UniqueFd cancel{eventfd(0, EFD_CLOEXEC)};
};

LogSelection SelectionOf(const runtime::v1::ReadLogsRequest& request) {
  LogSelection selection;
  selection.stdout = request.stdout();
  selection.stderr = request.stderr();
  selection.follow = request.follow();
  selection.timestamps = request.timestamps();
  selection.details = request.details();
  if (request.has_since()) selection.since = FromTimestamp(request.since());
  if (request.has_until()) selection.until = FromTimestamp(request.until());
  if (request.has_tail()) selection.tail = request.tail();
  return selection;
}

}  // namespace

grpc::Status GrpcContainerService::WaitContainer(
    ServerContext* context, const runtime::v1::WaitContainerRequest* request,
    ServerWriter<WaitContainerResponse>* writer) {
  if (!WaitCondition_IsValid(request->condition())) {
    return Finish(WithReason(
        absl::InvalidArgumentError(absl::StrCat(
            "invalid condition: ", static_cast<int>(request->condition()))),
        "WAIT_CONDITION_UNKNOWN"));
  }
  const ExitWatch::Watcher watcher(rt_.exits, request->id());
  const auto record = rt_.catalog.Get(request->id());
  if (!record.ok()) return Finish(record.status());
  if (!writer->Write(WaitContainerResponse())) return grpc::Status::CANCELLED;
  const runtime::v1::Container& container = (*record)->container();
  WaitContainerResponse last;
  last.mutable_result()->set_exit_code(container.exit_code());
  const bool at_once =
      request->condition() <= runtime::v1::WAIT_CONDITION_NOT_RUNNING &&
      !CountsAsRunning(container.state());
  ExitWatch::Seen seen;
  while (!at_once && !IsOver(request->condition(), seen)) {
    if (context->IsCancelled()) return grpc::Status::CANCELLED;
    seen = watcher.AwaitChange(seen, absl::Now() + kCancelPoll);
  }
  if (seen.exits > 0) last.mutable_result()->set_exit_code(seen.exit_code);
  last.mutable_result()->set_error(seen.error);
  writer->Write(last);
  return grpc::Status::OK;
}

grpc::Status GrpcContainerService::ReadLogs(
    ServerContext* context, const runtime::v1::ReadLogsRequest* request,
    ServerWriter<runtime::v1::ReadLogsResponse>* writer) {
  const auto record = rt_.catalog.Get(request->id());
  if (!record.ok()) return Finish(record.status());
  if ((*record)->container().log_path().empty()) {
    return Finish(absl::UnimplementedError(
        "configured logging driver does not support reading"));
  }
  const auto call = std::make_shared<LogCall>();
  const auto run = [this, call, record = *record,
                    selection = SelectionOf(*request)](UniqueFd connection) {
    call->outcome = WriteLogs(rt_, *record, selection, connection.get(),
                              call->cancel.get());
    call->done.Notify();
  };
  const auto expired = [call] {
    call->outcome = absl::DeadlineExceededError("nobody took the log stream");
    call->done.Notify();
  };
  auto ticket = rt_.tickets.IssueStream(run, expired);
  if (!ticket.ok()) return Finish(ticket.status());
  runtime::v1::ReadLogsResponse first;
  *first.mutable_ticket() = *std::move(ticket);
  writer->Write(first);
  while (!call->done.WaitForNotificationWithTimeout(kCancelPoll)) {
    if (!context->IsCancelled()) continue;
    eventfd_write(call->cancel.get(), 1);
    return grpc::Status::CANCELLED;
  }
  return Finish(call->outcome);
}

grpc::Status GrpcContainerService::WatchStats(
    ServerContext* context, const runtime::v1::WatchStatsRequest* request,
    ServerWriter<runtime::v1::ContainerStats>* writer) {
  absl::Time next = absl::Now();
  for (;;) {
    const auto record = rt_.catalog.Get(request->id());
    if (!record.ok()) return Finish(record.status());
    if (!writer->Write(SampleStats(rt_, **record)) || !request->stream()) {
      return grpc::Status::OK;
    }
    next += kSampleInterval;
    while (absl::Now() < next) {
      if (context->IsCancelled()) return grpc::Status::CANCELLED;
      absl::SleepFor(std::min(kCancelPoll, next - absl::Now()));
    }
  }
}

}  // namespace tug::runtimed
