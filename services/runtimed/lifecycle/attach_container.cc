// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/lifecycle/attach_container.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>
#include <optional>

#include "absl/time/clock.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/runtimed/containers/state_machine.h"
#include "services/runtimed/events/container_events.h"
#include "services/runtimed/logs/log_stream.h"
#include "services/runtimed/runtime/container_process.h"

namespace tug::runtimed {
namespace {

using runtime::v1::AttachContainerRequest;

uint32_t FlagsOf(const AttachContainerRequest& request) {
  return (request.stdin() ? kStreamStdin : 0) |
         (request.stdout() ? kStreamStdout : 0) |
         (request.stderr() ? kStreamStderr : 0);
}

// Hands `socket` to the shim, or keeps it for the next start. Takes the
// operation lock: a start that is under way decides which of the two. With
// `log_size`, only a client that has been given that much of the log; ABORTED
// when there is more. If it `was_live` but has ended, there is nothing to wait
// for.
absl::Status Connect(Runtime& rt, const std::string& id, UniqueFd& socket,
                     uint32_t flags, bool was_live = false,
                     std::optional<int64_t> log_size = {}) {
  const OperationLocks::Held held(rt.locks, id);
  const auto live = rt.live.Find(id);
  if (live == nullptr && was_live) return absl::OkStatus();
  if (live == nullptr) return rt.parked.Park(id, {std::move(socket), flags});
  ShimMessage message = NewShimMessage(ShimMessageType::kAttach);
  message.flags = flags;
  if (log_size.has_value()) message.time = *log_size + 1;
  const auto answer = live->shim->Call(message, {socket.get()}, {});
  const int error = StatusErrno(answer.status());
  // It has just ended: the client sees the end of the stream.
  if (!answer.ok() && error == ESRCH) return absl::OkStatus();
  if (!answer.ok() && error == EAGAIN) {
    return absl::AbortedError("the log has grown");
  }
  return answer.status();
}

struct Ends {
  UniqueFd shim;
  UniqueFd client;
};

absl::StatusOr<Ends> MakeStream() {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
    return ErrnoStatus(errno, "make a stream");
  }
  return Ends{UniqueFd(pair[0]), UniqueFd(pair[1])};
}

// The history first, by us; then the stream itself, by the shim, on the same
// socket. On a thread of its own: a slow client holds up nobody.
absl::Status ReplayThenConnect(Runtime& rt,
                               const AttachContainerRequest& request,
                               RecordPtr record, UniqueFd socket) {
  LogSelection selection;
  selection.stdout = request.stdout();
  selection.stderr = request.stderr();
  // Shared only because a std::function must be copyable.
  auto shared = std::make_shared<UniqueFd>(std::move(socket));
  const bool was_live = rt.live.Find(request.id()) != nullptr;
  return StartLogThread([&rt, request, selection, record, shared, was_live] {
    const auto connect = [&](int64_t size) {
      if (!request.stream()) return absl::OkStatus();
      return Connect(rt, request.id(), *shared, FlagsOf(request), was_live,
                     size);
    };
    LogIfError(WriteLogsThen(rt, *record, selection, shared->get(), connect),
               "attach with the log");
  });
}

}  // namespace

absl::StatusOr<type::v1::StreamTicket> AttachContainer(
    Runtime& rt, const AttachContainerRequest& request) {
  ASSIGN_OR_RETURN(const RecordPtr record, rt.catalog.Get(request.id()));
  ASSIGN_OR_RETURN(Ends ends, MakeStream());
  if (request.logs()) {
    RETURN_IF_ERROR(
        ReplayThenConnect(rt, request, record, std::move(ends.shim)));
  } else if (request.stream()) {
    RETURN_IF_ERROR(Connect(rt, request.id(), ends.shim, FlagsOf(request)));
  }
  PublishContainerEvent(rt.events, record->container(), "attach");
  return rt.tickets.IssueDescriptor(std::move(ends.client),
                                    /*is_stream=*/true);
}

absl::Status ResizeContainer(
    Runtime& rt, const runtime::v1::ResizeContainerRequest& request) {
  ASSIGN_OR_RETURN(const RecordPtr record, rt.catalog.Get(request.id()));
  const auto live = rt.live.Find(request.id());
  if (live == nullptr) return NotRunningError(request.id());
  ShimMessage message = NewShimMessage(ShimMessageType::kResize);
  message.rows = static_cast<uint16_t>(request.height());
  message.columns = static_cast<uint16_t>(request.width());
  const auto answer = live->shim->Call(message, {}, {});
  const int error = StatusErrno(answer.status());
  if (error == ESRCH) return NotRunningError(request.id());
  // Clients follow their own window without asking for a terminal first.
  if (!answer.ok() && error != ENOTTY) return answer.status();
  PublishContainerEvent(rt.events, record->container(), "resize",
                        {{"height", absl::StrCat(request.height())},
                         {"width", absl::StrCat(request.width())}});
  return absl::OkStatus();
}

absl::StatusOr<type::v1::StreamTicket> GetNetworkNamespace(
    Runtime& rt, const std::string& id) {
  RETURN_IF_ERROR(rt.catalog.Get(id).status());
  UniqueFd network = rt.live.CopyNetwork(id);
  const auto live = rt.live.Find(id);
  if (!network.valid() && live != nullptr) {
    ASSIGN_OR_RETURN(network, OpenNamespace(*live, "net"));
  }
  if (!network.valid()) return NotRunningError(id);
  return rt.tickets.IssueDescriptor(std::move(network), /*is_stream=*/false);
}

}  // namespace tug::runtimed
