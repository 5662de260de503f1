// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/lifecycle/stop_container.h"

#include "absl/time/clock.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/kernel/signal_name.h"
#include "services/runtimed/containers/state_machine.h"
#include "services/runtimed/events/container_events.h"
#include "services/runtimed/lifecycle/policy_restart.h"
#include "services/runtimed/lifecycle/signals.h"

namespace tug::runtimed {
namespace {

using runtime::v1::StopContainerRequest;
using runtime::v1::StopContainerResponse;

constexpr int kDefaultTimeout = 10;

absl::Time DeadlineOf(const StopContainerRequest& request,
                      const runtime::v1::Container& container) {
  int seconds = kDefaultTimeout;
  if (container.config().has_stop_timeout()) {
    seconds = container.config().stop_timeout();
  }
  if (request.has_timeout()) seconds = request.timeout();
  return seconds < 0 ? absl::InfiniteFuture()
                     : absl::Now() + absl::Seconds(seconds);
}

// Under the operation lock: turns the policy off and sends the first signal.
// The record, or null when there is nothing to wait for.
absl::StatusOr<RecordPtr> Begin(Runtime& rt,
                                const StopContainerRequest& request,
                                StopContainerResponse& response) {
  const OperationLocks::Held held(rt.locks, request.id());
  ASSIGN_OR_RETURN(RecordPtr record, rt.catalog.Get(request.id()));
  if (!CountsAsRunning(record->container().state())) {
    *response.mutable_container() = record->container();
    return RecordPtr();
  }
  response.set_was_running(true);
  if (!HasProcess(record->container().state())) {
    ASSIGN_OR_RETURN(record, CancelPolicyRestart(rt, request.id()));
    PublishContainerEvent(rt.events, record->container(), "stop");
    *response.mutable_container() = record->container();
    return RecordPtr();
  }
  int signal = StopSignalOf(record->container());
  if (!request.signal().empty()) {
    ASSIGN_OR_RETURN(signal, kernel::ParseSignal(request.signal()));
  }
  // The exit's synced write makes it durable.
  ASSIGN_OR_RETURN(
      record, rt.catalog.Update(
                  request.id(), Persist::kUnsynced, [](ContainerRecord& r) {
                    r.mutable_container()->set_manually_stopped(true);
                    return absl::OkStatus();
                  }));
  const absl::Status sent = SendSignal(rt, *record, signal, true);
  // Not running any more: its end is on its way to us.
  if (!sent.ok() && StatusReason(sent) != "CONTAINER_NOT_RUNNING") {
    LogIfError(sent, "send the stop signal");
  }
  return record;
}

}  // namespace

absl::StatusOr<StopContainerResponse> StopContainer(
    Runtime& rt, const StopContainerRequest& request) {
  StopContainerResponse response;
  // Before the decision, so that no end is missed.
  const ExitWatch::Watcher watcher(rt.exits, request.id());
  ASSIGN_OR_RETURN(const RecordPtr record, Begin(rt, request, response));
  if (record == nullptr) return response;
  if (!AwaitEnd(watcher, DeadlineOf(request, record->container()))) {
    RETURN_IF_ERROR(KillAndAwait(rt, *record, watcher));
  }
  ASSIGN_OR_RETURN(const RecordPtr after, rt.catalog.Get(request.id()));
  PublishContainerEvent(rt.events, after->container(), "stop");
  *response.mutable_container() = after->container();
  return response;
}

}  // namespace tug::runtimed
