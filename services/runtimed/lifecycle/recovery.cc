// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/lifecycle/recovery.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <limits>
#include <system_error>

#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "lib/base/id.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/sys/fd_channel.h"
#include "services/runtimed/containers/state_machine.h"
#include "services/runtimed/containers/timestamps.h"
#include "services/runtimed/execs/exec_end.h"
#include "services/runtimed/health/health_probe.h"
#include "services/runtimed/lifecycle/cgroup_of.h"
#include "services/runtimed/lifecycle/container_exit.h"
#include "services/runtimed/lifecycle/policy_restart.h"
#include "services/runtimed/lifecycle/shim_events.h"

namespace tug::runtimed {
namespace {

using runtime::v1::Container;

constexpr int kLostCode = 137;
constexpr absl::Duration kAskAgain = absl::Seconds(1);

// A live handle without a shim, so that the one way of ending is used.
std::shared_ptr<LiveContainer> HandleOf(Runtime& rt,
                                        const ContainerRecord& record,
                                        std::shared_ptr<ShimConnection> shim) {
  auto live = std::make_shared<LiveContainer>();
  live->id = record.container().id();
  live->shim = std::move(shim);
  live->shim_pid = record.shim_pid();
  live->pid = record.container().pid();
  live->cgroup_path = record.cgroup_path().empty()
                          ? CgroupPathOf(rt.config, record.container())
                          : record.cgroup_path();
  live->start_number = record.starts();
  live->started = FromTimestamp(record.container().started_at());
  return live;
}

// After a reboot: nothing of it exists any more.
void EndByReboot(Runtime& rt, const ContainerRecord& record) {
  const OperationLocks::Held held(rt.locks, record.container().id());
  const auto stored = rt.catalog.Update(
      record.container().id(), Persist::kSynced, [](ContainerRecord& r) {
        Container& c = *r.mutable_container();
        if (!CountsAsRunning(c.state())) return absl::OkStatus();
        c.set_state(runtime::v1::CONTAINER_STATE_EXITED);
        c.set_pid(0);
        c.set_exit_code(kLostCode);
        c.set_error("the host was restarted");
        c.set_interrupted(true);
        *c.mutable_finished_at() = ToTimestamp(absl::Now());
        r.set_shim_pid(0);
        return absl::OkStatus();
      });
  LogIfError(stored.status(), "store a container's end by reboot");
  ForgetExecsOf(rt, record.container().id());
}

void KeepNetworkOf(Runtime& rt, const LiveContainer& live) {
  auto answer =
      live.shim->Call(NewShimMessage(ShimMessageType::kGetNetns), {}, {});
  if (answer.ok() && answer->fd.valid()) {
    rt.live.KeepNetwork(live.id, std::move(answer->fd));
  }
}

// What is known of a shim after a restart of this service.
enum class Shim {
  kAdopted,
  // Nothing listens at its socket: it has ended.
  kGone,
  // Something of ours went wrong (no descriptors left); the container may well
  // run.
  kUnknown,
};

// The process that listens at the other end; the number in the record may be
// another's now. Certain only while the other end has not hung up since.
UniqueFd OpenPeer(const UniqueFd& socket, pid_t* pid) {
  ucred peer = {};
  socklen_t size = sizeof(peer);
  getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size);
  *pid = peer.pid;
  return UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, peer.pid, 0)));
}

bool HasHungUp(const UniqueFd& socket) {
  pollfd state = {socket.get(), 0, 0};
  return poll(&state, 1, 0) != 0;
}

// A shim that has not started, or failed to, has nothing for us.
Shim Adopt(Runtime& rt, const ContainerRecord& record) {
  const std::string& id = record.container().id();
  auto socket = ConnectToShim(rt.ShimSocketPath(id));
  if (!socket.ok()) {
    const int error = StatusErrno(socket.status());
    return error == ENOENT || error == ECONNREFUSED ? Shim::kGone
                                                    : Shim::kUnknown;
  }
  pid_t pid = 0;
  UniqueFd pidfd = OpenPeer(*socket, &pid);
  if (HasHungUp(*socket)) return Shim::kGone;
  if (!pidfd) return Shim::kUnknown;
  auto shim = std::make_shared<ShimConnection>(
      *std::move(socket), ObserverOf(rt, id, record.starts(), pidfd.get()));
  const auto live = HandleOf(rt, record, shim);
  live->shim_pid = pid;
  live->shim_pidfd = std::move(pidfd);
  // Before the events that the state brings along.
  rt.live.Put(live);
  if (!rt.shims.Watch(shim).ok()) return Shim::kUnknown;
  const auto state =
      shim->Call(NewShimMessage(ShimMessageType::kGetState), {}, {});
  // A slow one is watched all the same, and its end is told like any other's.
  if (!state.ok()) {
    LogIfError(state.status(), "a shim does not tell its state");
    return Shim::kAdopted;
  }
  for (const ShimMessage& message : state->messages) {
    if (message.type == ShimMessageType::kExecStarted) {
      ReviveExec(rt, id, std::string(message.exec_id, sizeof(message.exec_id)),
                 message.pid);
    }
  }
  KeepNetworkOf(rt, *live);
  StartHealthProbes(rt, record);
  return Shim::kAdopted;
}

void RecoverAgain(Runtime& rt, const std::string& id);

void Recover(Runtime& rt, const RecordPtr& record) {
  const std::string& id = record->container().id();
  if (record->boot_id() != rt.boot_id) {
    rt.live.ExpectNoMore(id);
    return EndByReboot(rt, *record);
  }
  if (record->container().state() == runtime::v1::CONTAINER_STATE_RESTARTING) {
    rt.live.ExpectNoMore(id);
    return SchedulePolicyRestart(rt, *record, absl::ZeroDuration());
  }
  // Without the operation lock: who holds it may wait for this very handle.
  // Nobody can start or forget a container that counts as running.
  const Shim found = Adopt(rt, *record);
  if (found == Shim::kAdopted) return;
  // A dead end, to be closed like any other: without a shim to answer.
  int pair[2];
  if (found == Shim::kUnknown ||
      socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
    LogWarning("cannot tell whether a container runs; asking again",
               {{"container", id}});
    LogIfError(rt.executor.SubmitAt(absl::Now() + kAskAgain,
                                    [&rt, id] { RecoverAgain(rt, id); }),
               "recover a container");
    return;
  }
  UniqueFd other(pair[1]);
  rt.live.Put(HandleOf(
      rt, *record,
      std::make_shared<ShimConnection>(UniqueFd(pair[0]), ShimObserver())));
  HandleShimEnd(rt, id, record->starts());
}

void RecoverAgain(Runtime& rt, const std::string& id) {
  const auto record = rt.catalog.Get(id);
  if (record.ok() && CountsAsRunning((*record)->container().state())) {
    Recover(rt, *record);
  }
}

// Ends a shim whose start was never recorded: the service was killed between
// the start and the write.
void EndStray(Runtime& rt, const std::string& id) {
  const auto socket = ConnectToShim(rt.ShimSocketPath(id));
  if (socket.ok()) {
    for (const ShimMessageType type :
         {ShimMessageType::kSignal, ShimMessageType::kAckExit}) {
      ShimMessage message = NewShimMessage(type);
      message.value = SIGKILL;
      const long sent = sys::SendWithFds(socket->get(), &message,
                                         sizeof(message), nullptr, 0);
      if (sent < 0) LogWarning("cannot end a stray shim", {{"container", id}});
    }
  }
  std::error_code ignored;
  std::filesystem::remove_all(rt.RunDirectory(id), ignored);
}

// Run directories and cgroups of containers that do not run.
void SweepStrays(Runtime& rt) {
  std::error_code error;
  const std::filesystem::path root =
      absl::StrCat(rt.config.run_directory(), "/runtimed");
  for (const auto& entry : std::filesystem::directory_iterator(root, error)) {
    const std::string id = entry.path().filename().native();
    if (!IsId(id)) continue;
    const OperationLocks::Held held(rt.locks, id);
    const auto record = rt.catalog.Get(id);
    if (record.ok() && CountsAsRunning((*record)->container().state())) {
      continue;
    }
    EndStray(rt, id);
  }
  const std::string& parent = rt.config.cgroup_parent();
  for (const std::string& id : rt.cgroups.Children(parent)) {
    if (!IsId(id)) continue;
    const OperationLocks::Held held(rt.locks, id);
    const auto record = rt.catalog.Get(id);
    if (record.ok() && CountsAsRunning((*record)->container().state())) {
      continue;
    }
    rt.sweeper.Sweep(absl::StrCat(parent, "/", id));
  }
}

// Files of creates that were never committed.
void SweepUnknownDirectories(Runtime& rt) {
  std::error_code error;
  const std::filesystem::path root = rt.StateDirectory("");
  for (const auto& entry : std::filesystem::directory_iterator(root, error)) {
    const std::string id = entry.path().filename().native();
    if (rt.catalog.Get(id).ok()) continue;
    const OperationLocks::Held held(rt.locks, id);
    if (rt.catalog.Get(id).ok()) continue;
    std::filesystem::remove_all(entry.path(), error);
  }
}

}  // namespace

std::string ReadBootId() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id;
}

void RecoverContainers(Runtime& rt) {
  const auto all = rt.catalog.List(nullptr);
  for (const RecordPtr& record : all) {
    ForgetEndedExecsLater(rt, record->container().id());
    if (!CountsAsRunning(record->container().state())) continue;
    rt.live.Expect(record->container().id());
    LogIfError(rt.executor.Submit([&rt, record] { Recover(rt, record); }),
               "recover a container");
  }
  LogIfError(rt.executor.Submit([&rt] {
    SweepUnknownDirectories(rt);
    SweepStrays(rt);
  }),
             "sweep what an earlier run has left");
}

}  // namespace tug::runtimed
