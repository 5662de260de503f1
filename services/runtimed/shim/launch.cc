// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/shim/launch.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "lib/sys/process.h"
#include "services/runtimed/init/child.h"

namespace tug::runtimed {
namespace {

constexpr int kNeededSeals = F_SEAL_SHRINK | F_SEAL_WRITE;

// The child's ends.
struct ChildEnds {
  UniqueFd streams[3];
};

long MakePipe(bool shim_reads, UniqueFd* shim, UniqueFd* child) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return -errno;
  UniqueFd read_end(ends[0]);
  UniqueFd write_end(ends[1]);
  *shim = std::move(shim_reads ? read_end : write_end);
  *child = std::move(shim_reads ? write_end : read_end);
  // A property of this end only.
  const int access = shim_reads ? O_RDONLY : O_WRONLY;
  return fcntl(shim->get(), F_SETFL, access | O_NONBLOCK) == 0 ? 0 : -errno;
}

long MakeStreams(const PlanView& plan, StreamEnds* ends, ChildEnds* child) {
  if (plan.has(kPlanTerminal)) return 0;
  long error = 0;
  // Without an input the child opens the container's own null device.
  if (plan.has(kPlanOpenStdin)) {
    error = MakePipe(false, &ends->in, &child->streams[0]);
  }
  if (error == 0) error = MakePipe(true, &ends->out, &child->streams[1]);
  if (error == 0) error = MakePipe(true, &ends->err, &child->streams[2]);
  return error;
}

// Whether the process will be where processes of a container are already. An
// own pid namespace is made by the clone and has nobody else in it.
bool EntersPidNamespace(const PlanView& plan, const ExecTarget* target) {
  if (target != nullptr) return (target->namespaces & CLONE_NEWPID) != 0;
  return (NamespacesOf(plan) & ~plan->new_namespaces & CLONE_NEWPID) != 0;
}

[[noreturn]] void BecomeChild(const PlanView& plan, const ExecTarget* target,
                              const ChildEnds& ends, int report,
                              const ClonedPid& cloned) {
  InitContext context;
  context.plan = plan;
  context.report_socket = report;
  context.cloned_pid = cloned.get();
  for (int i = 0; i < 3; ++i) context.streams[i] = ends.streams[i].get();
  if (target != nullptr) {
    context.container_pidfd = target->container_pidfd;
    context.container_namespaces = target->namespaces;
  }
  RunChild(context);
}

}  // namespace

ClonedPid::~ClonedPid() {
  if (page_ != nullptr) munmap(page_, sizeof(*page_));
}

ClonedPid& ClonedPid::operator=(ClonedPid&& other) noexcept {
  std::swap(page_, other.page_);
  return *this;
}

long ClonedPid::Map() {
  void* page = mmap(nullptr, sizeof(*page_), PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return -errno;
  page_ = static_cast<pid_t*>(page);
  return 0;
}

long ClonedPid::KeepFromChildren() {
  return madvise(page_, sizeof(*page_), MADV_DONTFORK) == 0 ? 0 : -errno;
}

pid_t ClonedPid::Read() const {
  if (page_ == nullptr) return 0;
  const pid_t pid = __atomic_load_n(page_, __ATOMIC_ACQUIRE);
  siginfo_t info = {};
  const bool is_child = pid > 0 && waitid(P_PID, static_cast<id_t>(pid), &info,
                                          WEXITED | WNOHANG | WNOWAIT) == 0;
  return is_child ? pid : 0;
}

MappedPlan::~MappedPlan() {
  if (bytes_ != nullptr) munmap(bytes_, size_);
}

long MappedPlan::Open(int memfd) {
  const int seals = fcntl(memfd, F_GET_SEALS);
  if (seals == -1 || (seals & kNeededSeals) != kNeededSeals) return -EPERM;
  struct stat status = {};
  if (fstat(memfd, &status) != 0) return -errno;
  if (status.st_size > static_cast<off_t>(kMaxPlanSize)) return -E2BIG;
  if (status.st_size < static_cast<off_t>(sizeof(LaunchPlan))) return -EINVAL;
  size_ = static_cast<size_t>(status.st_size);
  void* bytes = mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, memfd, 0);
  if (bytes == MAP_FAILED) return -errno;
  bytes_ = bytes;
  return PlanView::Parse(bytes_, size_, &view_);
}

uint64_t NamespacesOf(const PlanView& plan) {
  uint64_t flags = plan->new_namespaces;
  for (uint32_t i = 0; i < plan->joins.count; ++i) {
    flags |= plan.At<PlanJoin>(plan->joins, i).namespace_flag;
  }
  return flags;
}

long Launch(const PlanView& plan, const ExecTarget* target, Launched* launched,
            LaunchFailure* failure) {
  ChildEnds child;
  *failure = {LaunchStep::kMakeStreams, "pipes"};
  long error = MakeStreams(plan, &launched->ends, &child);
  if (error < 0) return error;
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
    return -errno;
  }
  launched->report.reset(pair[0]);
  const UniqueFd child_report(pair[1]);

  UniqueFd cgroup;
  if (PlanView::Present(plan->cgroup2_directory)) {
    *failure = {LaunchStep::kJoinCgroups, plan.Text(plan->cgroup2_directory)};
    cgroup.reset(open(failure->operand, O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!cgroup) return -errno;
  }
  *failure = {LaunchStep::kClone, "new process"};
  if (EntersPidNamespace(plan, target)) {
    error = launched->cloned.Map();
    if (error < 0) return error;
  }
  // The cgroup namespace is made by the child, once it is in its cgroup.
  const uint64_t flags =
      plan->new_namespaces & ~static_cast<uint64_t>(CLONE_NEWCGROUP);
  int pidfd = -1;
  const long pid = sys::CloneProcess(flags, cgroup.get(), &pidfd);
  if (pid == 0) {
    BecomeChild(plan, target, child, child_report.get(), launched->cloned);
  }
  if (pid < 0) return pid;
  launched->pid = static_cast<pid_t>(pid);
  launched->pidfd.reset(pidfd);
  // Only an address that is not mapped is refused.
  if (launched->cloned.valid()) launched->cloned.KeepFromChildren();
  fcntl(launched->report.get(), F_SETFL, O_RDWR | O_NONBLOCK);
  return 0;
}

}  // namespace tug::runtimed
