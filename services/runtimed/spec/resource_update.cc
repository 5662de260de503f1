// SPDX-License-Identifier: Apache-2.0
//
// An update of limits. Three things are told apart throughout: "not given" (an
// absent field of the update), "no limit" (-1 there) and a value. A HostConfig
// knows two of them: its zero is "no limit". So lifting pids from 20 goes
//   update {pids_limit: -1}  ->  host {pids_limit: 0}  ->  cgroup {pids: -1},
// while a create without a limit is host {} -> cgroup {pids: 0}, which leaves
// the file as the kernel made it.
#include "services/runtimed/spec/resource_update.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/runtimed/spec/resources.h"
#include "services/runtimed/spec/spec_error.h"

namespace tug::runtimed {
namespace {

using runtime::v1::HostConfig;
using runtime::v1::ResourceUpdate;

// The value of a HostConfig for one of an update.
int64_t Stored(int64_t value) { return std::max<int64_t>(value, 0); }

// The update as if it were all that a container asked for.
HostConfig AloneOf(const ResourceUpdate& update) {
  HostConfig alone;
  alone.set_memory(Stored(update.memory()));
  // Swap alone is judged with the memory that the container has.
  if (update.memory() > 0) alone.set_memory_swap(update.memory_swap());
  alone.set_memory_reservation(update.memory_reservation());
  if (update.has_memory_swappiness()) {
    alone.set_memory_swappiness(update.memory_swappiness());
  }
  if (update.oom_kill_disable()) alone.set_oom_kill_disable(true);
  alone.set_pids_limit(Stored(update.pids_limit()));
  alone.set_cpu_shares(update.cpu_shares());
  alone.set_cpu_period(update.cpu_period());
  alone.set_cpu_quota(update.cpu_quota());
  alone.set_nano_cpus(update.nano_cpus());
  alone.set_cpu_realtime_period(update.cpu_realtime_period());
  alone.set_cpu_realtime_runtime(update.cpu_realtime_runtime());
  alone.set_cpuset_cpus(update.cpuset_cpus());
  alone.set_cpuset_mems(update.cpuset_mems());
  alone.set_blkio_weight(update.blkio_weight());
  return alone;
}

absl::Status CheckConflicts(const ResourceUpdate& update,
                            const HostConfig& host) {
  const auto conflict = [](const char* what, const char* holder) {
    return UpdateConflict(absl::StrCat("Conflicting options: ", what,
                                       " cannot be updated as ", holder,
                                       " has already been set"));
  };
  if (update.nano_cpus() > 0 && host.cpu_period() > 0) {
    return conflict("Nano CPUs", "CPU Period");
  }
  if (update.nano_cpus() > 0 && host.cpu_quota() > 0) {
    return conflict("Nano CPUs", "CPU Quota");
  }
  if (update.cpu_period() > 0 && host.nano_cpus() > 0) {
    return conflict("CPU Period", "NanoCPUs");
  }
  if (update.cpu_quota() > 0 && host.nano_cpus() > 0) {
    return conflict("CPU Quota", "NanoCPUs");
  }
  // With the old swap limit below the new memory limit, the client must say
  // what it means; a container without one counts as such, as with Docker.
  if (update.memory() > 0 && !update.has_memory_swap() &&
      update.memory() > host.memory_swap()) {
    return UpdateConflict(
        "Memory limit should be smaller than already set memoryswap limit, "
        "update the memoryswap at the same time");
  }
  return absl::OkStatus();
}

void MergeMemory(const ResourceUpdate& update, HostConfig& host) {
  if (update.has_memory()) host.set_memory(Stored(update.memory()));
  // Without a limit of memory there is none of memory and swap together.
  if (update.memory() < 0) host.set_memory_swap(0);
  if (update.has_memory_swap()) {
    host.set_memory_swap(host.memory() > 0 ? update.memory_swap()
                                           : Stored(update.memory_swap()));
  }
  if (update.has_memory_reservation()) {
    host.set_memory_reservation(update.memory_reservation());
  }
  if (update.has_memory_swappiness()) {
    host.set_memory_swappiness(update.memory_swappiness());
  }
  if (update.has_oom_kill_disable()) {
    host.set_oom_kill_disable(update.oom_kill_disable());
  }
}

void MergeCpu(const ResourceUpdate& update, HostConfig& host) {
  if (update.has_cpu_shares()) host.set_cpu_shares(update.cpu_shares());
  if (update.has_cpu_period()) host.set_cpu_period(update.cpu_period());
  if (update.has_cpu_quota()) host.set_cpu_quota(update.cpu_quota());
  if (update.has_nano_cpus()) {
    host.set_nano_cpus(update.nano_cpus());
    // An unlimited quota would win over them.
    if (host.cpu_quota() < 0) host.set_cpu_quota(0);
  }
  if (update.has_cpu_realtime_period()) {
    host.set_cpu_realtime_period(update.cpu_realtime_period());
  }
  if (update.has_cpu_realtime_runtime()) {
    host.set_cpu_realtime_runtime(update.cpu_realtime_runtime());
  }
  if (update.has_cpuset_cpus()) host.set_cpuset_cpus(update.cpuset_cpus());
  if (update.has_cpuset_mems()) host.set_cpuset_mems(update.cpuset_mems());
}

void MergeIo(const ResourceUpdate& update, HostConfig& host) {
  if (update.has_blkio_weight()) host.set_blkio_weight(update.blkio_weight());
  if (update.has_blkio_weight_device()) {
    *host.mutable_blkio_weight_device() = update.blkio_weight_device();
  }
  if (update.has_blkio_device_read_bps()) {
    *host.mutable_blkio_device_read_bps() = update.blkio_device_read_bps();
  }
  if (update.has_blkio_device_write_bps()) {
    *host.mutable_blkio_device_write_bps() = update.blkio_device_write_bps();
  }
  if (update.has_blkio_device_read_iops()) {
    *host.mutable_blkio_device_read_iops() = update.blkio_device_read_iops();
  }
  if (update.has_blkio_device_write_iops()) {
    *host.mutable_blkio_device_write_iops() = update.blkio_device_write_iops();
  }
}

}  // namespace

absl::Status UpdateConflict(absl::string_view text) {
  return WithReason(absl::FailedPreconditionError(text), "UPDATE_CONFLICT");
}

absl::Status CheckUpdate(const ResourceUpdate& update,
                         const cgroup::Support& support,
                         std::vector<std::string>& warnings) {
  return CheckResources(AloneOf(update), support, warnings);
}

absl::Status MergeUpdate(const ResourceUpdate& update, HostConfig& host) {
  RETURN_IF_ERROR(CheckConflicts(update, host));
  MergeMemory(update, host);
  MergeCpu(update, host);
  MergeIo(update, host);
  if (update.has_pids_limit()) {
    host.set_pids_limit(Stored(update.pids_limit()));
  }
  if (host.memory_swap() > 0 && host.memory_swap() < host.memory()) {
    return SpecError(
        "Minimum memoryswap limit should be larger than memory limit, see "
        "usage");
  }
  return absl::OkStatus();
}

absl::StatusOr<cgroup::Resources> UpdatedResources(
    const ResourceUpdate& update, const HostConfig& host,
    const cgroup::Support& support) {
  ASSIGN_OR_RETURN(cgroup::Resources r, ResourcesOf(host, support));
  if (support.memory) {
    if (update.memory() < 0) r.memory = -1;
    if (support.swap && (update.memory() < 0 || update.memory_swap() < 0)) {
      r.memory_swap = -1;
    }
  }
  if (support.pids && update.has_pids_limit() && host.pids_limit() <= 0) {
    r.pids = -1;
  }
  return r;
}

}  // namespace tug::runtimed
