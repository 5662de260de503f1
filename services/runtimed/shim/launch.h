// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include "lib/sys/unique_fd.h"
#include "services/runtimed/init/launch_plan.h"
#include "services/runtimed/protocol/protocol.h"

namespace tug::runtimed {

// A plan mapped from its memfd for as long as this lives.
class MappedPlan {
 public:
  MappedPlan() = default;
  ~MappedPlan();
  MappedPlan(const MappedPlan&) = delete;
  MappedPlan& operator=(const MappedPlan&) = delete;

  // Refuses what is not sealed against changes (-EPERM) and what PlanView
  // refuses.
  long Open(int memfd);
  const PlanView& view() const { return view_; }

 private:
  void* bytes_ = nullptr;
  size_t size_ = 0;
  PlanView view_;
};

// The ends of a process's streams that the shim keeps, all non-blocking; with
// a terminal there are none (the child sends its master).
struct StreamEnds {
  UniqueFd in;
  UniqueFd out;
  UniqueFd err;
};

// A page in which a child notes the number of the process that takes its place
// (init/pid_namespace.cc). Nothing else may write it: no process that a
// container sees has it, nor any other child of the shim.
class ClonedPid {
 public:
  ClonedPid() = default;
  ClonedPid(ClonedPid&& other) noexcept : page_(other.page_) {
    other.page_ = nullptr;
  }
  ClonedPid& operator=(ClonedPid&& other) noexcept;
  ~ClonedPid();

  long Map();
  // In the parent, once the child that has it is made.
  long KeepFromChildren();
  pid_t* get() const { return page_; }
  bool valid() const { return page_ != nullptr; }
  // The number if there is one and it is that of a child of this process, which
  // it then stays until it is reaped. Else 0.
  pid_t Read() const;

 private:
  pid_t* page_ = nullptr;
};

// A child on its way to exec.
struct Launched {
  pid_t pid = 0;
  UniqueFd pidfd;
  // Valid: another process is going to take its place.
  ClonedPid cloned;
  // See init/child_report.h.
  UniqueFd report;
  StreamEnds ends;
};

// Where an exec goes.
struct ExecTarget {
  int container_pidfd = -1;
  uint64_t namespaces = 0;
};

// Clones the child for `plan`. `target` null: a new container. 0 or -errno
// with the step and operand that failed.
struct LaunchFailure {
  LaunchStep step = LaunchStep::kNone;
  const char* operand = "";
};
long Launch(const PlanView& plan, const ExecTarget* target, Launched* launched,
            LaunchFailure* failure);

// Namespaces of the container that an exec has to join, as CLONE_NEW* bits.
uint64_t NamespacesOf(const PlanView& plan);

}  // namespace tug::runtimed
