// SPDX-License-Identifier: Apache-2.0
//
// The streaming calls of ContainerService. None of them holds a thread: who
// tells of ends, logs and samples writes what they say.
#include <atomic>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/rpc/status_conversion.h"
#include "lib/rpc/stream_writer.h"
#include "services/runtimed/containers/state_machine.h"
#include "services/runtimed/containers/timestamps.h"
#include "services/runtimed/grpc/grpc_container_service.h"
#include "services/runtimed/spec/log_options.h"

namespace tug::runtimed {
namespace {

using grpc::CallbackServerContext;
using grpc::ServerWriteReactor;
using runtime::v1::ContainerStats;
using runtime::v1::ReadLogsResponse;
using runtime::v1::WaitCondition;
using runtime::v1::WaitContainerResponse;

constexpr char kDomain[] = "runtimed.tug";

grpc::Status Finish(const absl::Status& status) {
  return rpc::ToGrpc(status, kDomain);
}

// A container that is started again by its policy has ended all the same.
bool IsOver(WaitCondition condition, const ExitWatch::Seen& seen) {
  if (seen.removed) return true;
  return condition != runtime::v1::WAIT_CONDITION_REMOVED && seen.exits > 0;
}

using WaitWriter = rpc::StreamWriter<WaitContainerResponse>;

void EndWait(WaitWriter& writer, int exit_code, const std::string& error) {
  WaitContainerResponse last;
  last.mutable_result()->set_exit_code(exit_code);
  last.mutable_result()->set_error(error);
  writer.EndWith(std::move(last));
}

// What a reader of logs and its call share.
struct LogCall {
  std::shared_ptr<rpc::StreamWriter<ReadLogsResponse>> writer =
      rpc::StreamWriter<ReadLogsResponse>::Start();
  absl::Mutex mutex;
  bool left ABSL_GUARDED_BY(mutex) = false;
  LogFollower::Id stream ABSL_GUARDED_BY(mutex) = 0;
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

absl::StatusOr<LogCursor::Log> LogOf(Runtime& rt,
                                     const runtime::v1::Container& container) {
  absl::StatusOr<LogOptions> options =
      ParseLogOptions(container.host_config().log_config());
  if (!options.ok()) return options.status();
  if (container.log_path().empty() || !options->keep) {
    return absl::UnimplementedError(
        "configured logging driver does not support reading");
  }
  return LogCursor::Log{rt.log_locks, container.id(), container.log_path(),
                        options->max_files};
}

// Begins to send once the reader has taken its stream.
void SendLog(Runtime& rt, const std::shared_ptr<LogCall>& call,
             const LogCursor::Log& log, const LogEncoder& encoder,
             UniqueFd connection) {
  const LogFollower::Id stream = rt.followers.Send(
      rt.catalog, rt.exits, log, encoder, std::move(connection),
      [call](const absl::Status& outcome) {
        call->writer->End(Finish(outcome));
      });
  absl::MutexLock lock(&call->mutex);
  call->stream = stream;
  if (call->left) rt.followers.Cancel(stream);
}

}  // namespace

ServerWriteReactor<WaitContainerResponse>* GrpcContainerService::WaitContainer(
    CallbackServerContext*, const runtime::v1::WaitContainerRequest* request) {
  const auto writer = WaitWriter::Start();
  const WaitCondition condition = request->condition();
  if (!WaitCondition_IsValid(condition)) {
    writer->End(Finish(
        WithReason(absl::InvalidArgumentError(absl::StrCat(
                       "invalid condition: ", static_cast<int>(condition))),
                   "WAIT_CONDITION_UNKNOWN")));
    return writer->reactor();
  }
  const auto before = rt_.catalog.Get(request->id());
  const int last_code = before.ok() ? (*before)->container().exit_code() : 0;
  const auto watcher = std::make_shared<ExitWatch::Watcher>(
      rt_.exits, request->id(),
      [writer, condition, last_code](const ExitWatch::Seen& seen) {
        if (!IsOver(condition, seen)) return;
        EndWait(*writer, seen.exits > 0 ? seen.exit_code : last_code,
                seen.error);
      });
  writer->OnEnd([watcher] {});
  // Read again: what changes from now on is told.
  const auto record = rt_.catalog.Get(request->id());
  if (!record.ok()) {
    writer->End(Finish(record.status()));
    return writer->reactor();
  }
  writer->Write(WaitContainerResponse());
  const runtime::v1::Container& container = (*record)->container();
  if (condition <= runtime::v1::WAIT_CONDITION_NOT_RUNNING &&
      !CountsAsRunning(container.state())) {
    EndWait(*writer, container.exit_code(), "");
  }
  return writer->reactor();
}

ServerWriteReactor<ReadLogsResponse>* GrpcContainerService::ReadLogs(
    CallbackServerContext*, const runtime::v1::ReadLogsRequest* request) {
  const auto call = std::make_shared<LogCall>();
  const auto record = rt_.catalog.Get(request->id());
  const auto log = record.ok()
                       ? LogOf(rt_, (*record)->container())
                       : absl::StatusOr<LogCursor::Log>(record.status());
  if (!log.ok()) {
    call->writer->End(Finish(log.status()));
    return call->writer->reactor();
  }
  const LogEncoder encoder(SelectionOf(*request), (*record)->container());
  auto ticket = rt_.tickets.IssueStream(
      [this, call, log = *log, encoder](UniqueFd connection) {
        SendLog(rt_, call, log, encoder, std::move(connection));
      },
      [call] {
        call->writer->End(
            Finish(absl::DeadlineExceededError("nobody took the log stream")));
      });
  if (!ticket.ok()) {
    call->writer->End(Finish(ticket.status()));
    return call->writer->reactor();
  }
  call->writer->OnEnd([this, call] {
    absl::MutexLock lock(&call->mutex);
    call->left = true;
    if (call->stream != 0) rt_.followers.Cancel(call->stream);
  });
  ReadLogsResponse first;
  *first.mutable_ticket() = *std::move(ticket);
  call->writer->Write(std::move(first));
  return call->writer->reactor();
}

ServerWriteReactor<ContainerStats>* GrpcContainerService::WatchStats(
    CallbackServerContext*, const runtime::v1::WatchStatsRequest* request) {
  const auto writer = rpc::StreamWriter<ContainerStats>::Start();
  // The watch may have ended before its id is known here.
  const auto watch = std::make_shared<std::atomic<StatsFeed::WatchId>>(0);
  writer->OnEnd([this, watch] { rt_.stats.Cancel(*watch); });
  *watch = rt_.stats.Watch(
      request->id(),
      [writer, stream = request->stream(), sent = 0,
       running = false](const absl::StatusOr<ContainerStats>& sample) mutable {
        if (!sample.ok()) {
          // Removed meanwhile: that is the end of a stream, as with Docker.
          writer->End(sent > 0 ? grpc::Status::OK : Finish(sample.status()));
          return false;
        }
        const bool ran = std::exchange(running, sample->running());
        // Of a container that has ended, once.
        if (ran || running || sent == 0) {
          // One that is not taken is left out: the next tells more.
          writer->Write(*sample);
          ++sent;
        }
        if (!stream) writer->End(grpc::Status::OK);
        return stream && !writer->ended();
      });
  return writer->reactor();
}

}  // namespace tug::runtimed
