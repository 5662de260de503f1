// SPDX-License-Identifier: Apache-2.0
//
// What a child keeps of its shim's descriptors. A process that is in a
// container's pid namespace has none that leads out of the container: whoever
// may trace it there takes them (pidfd_getfd(2), /proc/PID/fd).
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "lib/sys/process.h"
#include "services/runtimed/init/steps.h"

namespace tug::runtimed {
namespace {

constexpr int kFirstFd = 3;
// Where the report socket goes before every other descriptor is closed.
constexpr int kLastFd = 3;
// Report socket, container, mount namespace for /dev/shm; three streams.
constexpr size_t kMaxKept = 6 + kMaxPlanJoins;

// Descriptors to keep, in the end in order.
struct Kept {
  int fds[kMaxKept];
  size_t count = 0;

  void Add(int fd) {
    if (fd >= kFirstFd && count < kMaxKept) fds[count++] = fd;
  }
};

// Closes `first` up to and including `last`.
long CloseRange(int first, int last) {
  return syscall(SYS_close_range, first, last, 0) == 0 ? 0 : -errno;
}

}  // namespace

// First of all: the shim's connections, log and other processes' streams are
// nobody's here. Its own three, which later become the program's, are covered
// by the report socket until then.
long CloseStrangers(InitContext& context) {
  Kept kept;
  kept.Add(context.report_socket);
  kept.Add(context.container_pidfd);
  for (const int stream : context.streams) kept.Add(stream);
  const PlanTable& joins = context.plan->joins;
  for (uint32_t i = 0; i < joins.count; ++i) {
    kept.Add(context.plan.At<PlanJoin>(joins, i).fd);
  }
  kept.Add(static_cast<int>(context.plan->shm_namespace));
  std::sort(kept.fds, kept.fds + kept.count);
  for (int fd = 0; fd < kFirstFd; ++fd) {
    if (dup3(context.report_socket, fd, O_CLOEXEC) == -1) return -errno;
  }
  int next = kFirstFd;
  for (size_t i = 0; i < kept.count; ++i) {
    if (kept.fds[i] > next) {
      const long error = CloseRange(next, kept.fds[i] - 1);
      if (error < 0) return error;
    }
    next = kept.fds[i] + 1;
  }
  return sys::CloseFrom(static_cast<unsigned>(next));
}

// Leaves 0, 1, 2 and the report socket, which the exec closes.
long CloseInheritedFds(InitContext& context) {
  if (context.report_socket != kLastFd) {
    if (dup3(context.report_socket, kLastFd, O_CLOEXEC) == -1) return -errno;
    context.report_socket = kLastFd;
  }
  context.own_descriptors = -1;
  return sys::CloseFrom(kLastFd + 1);
}

}  // namespace tug::runtimed
