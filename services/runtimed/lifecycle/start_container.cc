// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/lifecycle/start_container.h"

#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/runtimed/containers/state_machine.h"
#include "services/runtimed/events/container_events.h"
#include "services/runtimed/lifecycle/launch.h"

namespace tug::runtimed {
namespace {

// The record keeps why it failed, for inspect.
void StoreFailure(Runtime& rt, const std::string& id,
                  const StartError& failure) {
  bool given_up = false;
  const auto stored =
      rt.catalog.Update(id, Persist::kUnsynced, [&](ContainerRecord& r) {
        r.mutable_container()->set_exit_code(failure.exit_code);
        r.mutable_container()->set_error(failure.text);
        given_up =
            r.container().state() == runtime::v1::CONTAINER_STATE_RESTARTING;
        if (given_up) {
          r.mutable_container()->set_state(runtime::v1::CONTAINER_STATE_EXITED);
        }
        return absl::OkStatus();
      });
  LogIfError(stored.status(), "store why a container did not start");
  if (!stored.ok() || !given_up) return;
  // Its policy would have started it again: who waits for its end waits no
  // more.
  rt.exits.NotifyExit(id, failure.exit_code);
  PublishSettled(rt.events, id);
}

}  // namespace

absl::StatusOr<RecordPtr> StartContainer(
    Runtime& rt, const runtime::v1::StartContainerRequest& request) {
  const OperationLocks::Held held(rt.locks, request.id());
  ASSIGN_OR_RETURN(const RecordPtr record, rt.catalog.Get(request.id()));
  RETURN_IF_ERROR(
      NextState(record->container().state(), Transition::kStart).status());
  UniqueFd network;
  if (!request.network_namespace().token().empty()) {
    ASSIGN_OR_RETURN(network,
                     rpc::RedeemTicket(request.network_namespace(),
                                       {rt.config.run_directory(), {"netd"}}));
  }
  ContainerRecord attempt = *record;
  *attempt.mutable_start() = request;
  attempt.mutable_start()->clear_network_namespace();
  // A later start by the policy is none.
  attempt.mutable_start()->clear_restart();
  StartError failure;
  // A user's start begins the counting afresh.
  rt.backoff.Forget(request.id());
  auto running = Launch(rt, attempt, std::move(network), failure);
  if (!running.ok()) {
    rt.live.DropNetwork(request.id());
    if (!failure.text.empty()) StoreFailure(rt, request.id(), failure);
    return running.status();
  }
  if (request.restart()) {
    PublishContainerEvent(rt.events, (*running)->container(), "restart");
  }
  if ((*running)->container().restart_count() == 0) return running;
  return rt.catalog.Update(request.id(), Persist::kMemory,
                           [](ContainerRecord& r) {
                             r.mutable_container()->set_restart_count(0);
                             return absl::OkStatus();
                           });
}

}  // namespace tug::runtimed
