// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/lifecycle/kill_container.h"

#include <csignal>

#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/kernel/signal_name.h"
#include "services/runtimed/containers/state_machine.h"
#include "services/runtimed/lifecycle/policy_restart.h"
#include "services/runtimed/lifecycle/signals.h"

namespace tug::runtimed {
namespace {

// Under the operation lock; null when a pending restart was cancelled instead.
absl::StatusOr<RecordPtr> Begin(Runtime& rt, const std::string& id,
                                int signal) {
  const OperationLocks::Held held(rt.locks, id);
  ASSIGN_OR_RETURN(RecordPtr record, rt.catalog.Get(id));
  const runtime::v1::ContainerState state = record->container().state();
  if (state == runtime::v1::CONTAINER_STATE_RESTARTING) {
    RETURN_IF_ERROR(CancelPolicyRestart(rt, id).status());
    return RecordPtr();
  }
  if (!HasProcess(state)) return NotRunningError(id);
  const bool ends =
      signal == SIGKILL || signal == StopSignalOf(record->container());
  // A signal that ends it is the user's will; others may be a reload.
  if (ends) {
    ASSIGN_OR_RETURN(
        record,
        rt.catalog.Update(id, Persist::kUnsynced, [](ContainerRecord& r) {
          r.mutable_container()->set_manually_stopped(true);
          return absl::OkStatus();
        }));
  }
  if (signal != SIGKILL) RETURN_IF_ERROR(SendSignal(rt, *record, signal, ends));
  return record;
}

}  // namespace

absl::Status KillContainer(Runtime& rt,
                           const runtime::v1::KillContainerRequest& request) {
  int signal = SIGKILL;
  if (!request.signal().empty()) {
    ASSIGN_OR_RETURN(signal, kernel::ParseSignal(request.signal()));
  }
  const ExitWatch::Watcher watcher(rt.exits, request.id());
  ASSIGN_OR_RETURN(const RecordPtr record, Begin(rt, request.id(), signal));
  if (record == nullptr || signal != SIGKILL) return absl::OkStatus();
  return KillAndAwait(rt, *record, watcher);
}

}  // namespace tug::runtimed
