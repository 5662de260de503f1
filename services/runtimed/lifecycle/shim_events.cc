// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/lifecycle/shim_events.h"

#include <cstring>

#include "lib/base/log.h"
#include "services/runtimed/execs/exec_end.h"
#include "services/runtimed/lifecycle/container_exit.h"
#include "services/runtimed/logs/log_rotation.h"

namespace tug::runtimed {
namespace {

void OnEvent(Runtime& rt, const std::string& id, int64_t start_number,
             const ShimMessage& message) {
  switch (message.type) {
    case ShimMessageType::kExited: {
      ExitFacts facts;
      facts.exit_code = message.value;
      facts.oom_killed = (message.flags & kExitedOom) != 0;
      facts.finished = absl::FromUnixNanos(message.time);
      HandleExit(rt, id, start_number, facts);
      return;
    }
    case ShimMessageType::kExecExited:
      HandleExecExit(rt, id,
                     std::string(message.exec_id, sizeof(message.exec_id)),
                     message.value);
      return;
    case ShimMessageType::kLogFull:
      LogIfError(RotateLog(rt, id), "rotate a container's log");
      return;
    case ShimMessageType::kLogError:
      LogWarning("lines of a container's log are lost",
                 {{"container", id},
                  {"lines", std::to_string(message.value)},
                  {"error", strerror(message.error)}});
      return;
    default:
      return;
  }
}

}  // namespace

ShimObserver ObserverOf(Runtime& rt, const std::string& id,
                        int64_t start_number) {
  ShimObserver observer;
  observer.on_event = [&rt, id, start_number](const ShimMessage& message) {
    LogIfError(rt.executor.Submit([&rt, id, start_number, message] {
      OnEvent(rt, id, start_number, message);
    }), "handle news of a shim");
  };
  observer.on_closed = [&rt, id, start_number] {
    rt.executor.Submit([&rt, id, start_number] {
      HandleShimEnd(rt, id, start_number);
    }).IgnoreError();
  };
  return observer;
}

}  // namespace tug::runtimed
