// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/lifecycle/shim_events.h"

#include <fcntl.h>

#include <cstring>
#include <memory>

#include "absl/time/clock.h"
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

// shared_ptr: tasks on the executor must be copyable.
using SharedFd = std::shared_ptr<UniqueFd>;

// A shim goes as soon as it has closed its sockets. One that hangs is looked at
// again, without holding a thread.
constexpr absl::Duration kReapWait = absl::Milliseconds(200);
constexpr absl::Duration kReapAgain = absl::Seconds(5);

void Collect(Runtime& rt, const SharedFd& pidfd) {
  if (ReapShim(pidfd->get(), /*kill=*/false, kReapWait)) return;
  rt.executor
      .SubmitAt(absl::Now() + kReapAgain, [&rt, pidfd] { Collect(rt, pidfd); })
      .IgnoreError();
}

}  // namespace

ShimObserver ObserverOf(Runtime& rt, const std::string& id,
                        int64_t start_number, int pidfd) {
  const auto shared =
      std::make_shared<UniqueFd>(fcntl(pidfd, F_DUPFD_CLOEXEC, 0));
  ShimObserver observer;
  observer.on_event = [&rt, id, start_number](const ShimMessage& message) {
    LogIfError(rt.executor.Submit([&rt, id, start_number, message] {
      OnEvent(rt, id, start_number, message);
    }),
               "handle news of a shim");
  };
  observer.on_closed = [&rt, id, start_number, shared] {
    rt.executor
        .Submit([&rt, id, start_number, shared] {
          HandleShimEnd(rt, id, start_number);
          Collect(rt, shared);
        })
        .IgnoreError();
  };
  return observer;
}

}  // namespace tug::runtimed
