// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/spec/resources.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/runtimed/spec/cpu_list.h"
#include "services/runtimed/spec/spec_error.h"

namespace tug::runtimed {
namespace {

using runtime::v1::HostConfig;

constexpr int64_t kMinimumMemory = 6 << 20;
constexpr int64_t kBillion = 1'000'000'000;
constexpr int64_t kPeriod = 100'000;  // Microseconds.
constexpr int64_t kMinPeriod = 1'000;
constexpr int64_t kMaxPeriod = 1'000'000;

absl::Status CheckMemory(const HostConfig& h) {
  if (h.memory() != 0 && h.memory() < kMinimumMemory) {
    return SpecError("Minimum memory limit allowed is 6MB");
  }
  if (h.memory() > 0 && h.memory_swap() > 0 && h.memory_swap() < h.memory()) {
    return SpecError(
        "Minimum memoryswap limit should be larger than memory limit, see "
        "usage");
  }
  if (h.memory() == 0 && h.memory_swap() > 0) {
    return SpecError(
        "You should always set the Memory limit when using Memoryswap limit, "
        "see usage");
  }
  if (h.has_memory_swappiness() &&
      (h.memory_swappiness() < -1 || h.memory_swappiness() > 100)) {
    return SpecError(absl::StrCat("Invalid value: ", h.memory_swappiness(),
                                  ", valid memory swappiness range is 0-100"));
  }
  if (h.memory_reservation() > 0 && h.memory_reservation() < kMinimumMemory) {
    return SpecError("Minimum memory reservation allowed is 6MB");
  }
  if (h.memory() > 0 && h.memory_reservation() > 0 &&
      h.memory() < h.memory_reservation()) {
    return SpecError(
        "Minimum memory limit can not be less than memory reservation limit, "
        "see usage");
  }
  return absl::OkStatus();
}

absl::Status CheckCpu(const HostConfig& h) {
  const auto cpus = static_cast<int64_t>(sysconf(_SC_NPROCESSORS_CONF));
  if (h.nano_cpus() < 0 || h.nano_cpus() > cpus * kBillion) {
    return SpecError(absl::StrCat("range of CPUs is from 0.01 to ", cpus,
                                  ".00, as there are only ", cpus,
                                  " CPUs available"));
  }
  if (h.nano_cpus() > 0 && (h.cpu_period() > 0 || h.cpu_quota() > 0)) {
    return SpecError(absl::StrCat("Conflicting options: Nano CPUs and CPU ",
                                  h.cpu_period() > 0 ? "Period" : "Quota",
                                  " cannot both be set"));
  }
  if (h.cpu_shares() < 0) {
    return SpecError(absl::StrCat("invalid CPU shares (", h.cpu_shares(),
                                  "): value must be a positive integer"));
  }
  if (h.cpu_period() != 0 &&
      (h.cpu_period() < kMinPeriod || h.cpu_period() > kMaxPeriod)) {
    return SpecError(
        "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than "
        "1s (i.e. 1000000)");
  }
  if (h.cpu_quota() > 0 && h.cpu_quota() < kMinPeriod) {
    return SpecError("CPU cfs quota can not be less than 1ms (i.e. 1000)");
  }
  return absl::OkStatus();
}

absl::Status CheckLists(const HostConfig& h) {
  RETURN_IF_ERROR(
      CheckCpusets(h.cpuset_cpus(), h.cpuset_mems(), ReadOnlineUnits()));
  if (h.blkio_weight() != 0 &&
      (h.blkio_weight() < 10 || h.blkio_weight() > 1000)) {
    return SpecError("Range of blkio weight is from 10 to 1000");
  }
  return absl::OkStatus();
}

absl::StatusOr<cgroup::DeviceValue> LookUp(const std::string& path,
                                           uint64_t value) {
  struct stat info = {};
  if (stat(path.c_str(), &info) != 0) {
    return SpecError(ErrnoStatus(errno, path).message());
  }
  cgroup::DeviceValue device;
  device.major = major(info.st_rdev);
  device.minor = minor(info.st_rdev);
  device.value = value;
  return device;
}

absl::Status AddThrottles(const runtime::v1::ThrottleDeviceList& list,
                          std::vector<cgroup::DeviceValue>& out) {
  for (const auto& entry : list.values()) {
    ASSIGN_OR_RETURN(cgroup::DeviceValue value,
                     LookUp(entry.path(), entry.rate()));
    out.push_back(value);
  }
  return absl::OkStatus();
}

void SetMemory(const HostConfig& h, const cgroup::Support& support,
               cgroup::Resources& r) {
  if (!support.memory) return;
  r.memory = h.memory();
  r.memory_reservation = h.memory_reservation();
  // Docker's default: as much swap again as memory.
  r.memory_swap =
      h.memory() > 0 && h.memory_swap() == 0 ? 2 * h.memory() : h.memory_swap();
  if (h.memory() == 0 && h.memory_swap() == -1) r.memory_swap = 0;
  if (!support.swap) r.memory_swap = 0;
  if (h.has_memory_swappiness() && h.memory_swappiness() >= 0 &&
      support.swappiness) {
    r.memory_swappiness = h.memory_swappiness();
  }
  r.oom_kill_disable = h.oom_kill_disable() && support.oom_kill_disable;
}

void SetCpu(const HostConfig& h, const cgroup::Support& support,
            cgroup::Resources& r) {
  if (support.cpuset) {
    r.cpuset_cpus = h.cpuset_cpus();
    r.cpuset_mems = h.cpuset_mems();
  }
  if (!support.cpu) return;
  r.cpu_shares = h.cpu_shares();
  r.cpu_period = h.cpu_period();
  r.cpu_quota = h.cpu_quota();
  // An unlimited quota comes from an update that lifts the limit of CPUs.
  if (h.nano_cpus() > 0 && h.cpu_quota() >= 0) {
    r.cpu_period = kPeriod;
    r.cpu_quota = h.nano_cpus() * kPeriod / kBillion;
  }
  if (support.cpu_realtime) {
    r.cpu_realtime_period = h.cpu_realtime_period();
    r.cpu_realtime_runtime = h.cpu_realtime_runtime();
  }
}

absl::Status SetIo(const HostConfig& h, const cgroup::Support& support,
                   cgroup::Resources& r) {
  if (support.io_weight) {
    r.io_weight = h.blkio_weight();
    for (const auto& entry : h.blkio_weight_device().values()) {
      ASSIGN_OR_RETURN(cgroup::DeviceValue value,
                       LookUp(entry.path(), entry.weight()));
      r.io_weight_devices.push_back(value);
    }
  }
  if (!support.io) return absl::OkStatus();
  RETURN_IF_ERROR(AddThrottles(h.blkio_device_read_bps(), r.io_read_bps));
  RETURN_IF_ERROR(AddThrottles(h.blkio_device_write_bps(), r.io_write_bps));
  RETURN_IF_ERROR(AddThrottles(h.blkio_device_read_iops(), r.io_read_iops));
  return AddThrottles(h.blkio_device_write_iops(), r.io_write_iops);
}

}  // namespace

absl::Status CheckResources(const HostConfig& h, const cgroup::Support& s,
                            std::vector<std::string>& warnings) {
  RETURN_IF_ERROR(CheckMemory(h));
  RETURN_IF_ERROR(CheckCpu(h));
  RETURN_IF_ERROR(CheckLists(h));
  if (h.oom_score_adj() < -1000 || h.oom_score_adj() > 1000) {
    return SpecError(absl::StrCat("Invalid value ", h.oom_score_adj(),
                                  ", range for oom score adj is "
                                  "[-1000, 1000]"));
  }
  const auto warn = [&](bool asked, bool able, const char* what) {
    if (asked && !able) {
      warnings.push_back(absl::StrCat("Your kernel does not support ", what,
                                      ". It was discarded."));
    }
  };
  warn(h.memory() > 0, s.memory, "memory limit capabilities");
  warn(h.memory_swap() > 0, s.swap, "swap limit capabilities");
  warn(h.has_memory_swappiness() && h.memory_swappiness() >= 0, s.swappiness,
       "memory swappiness capabilities");
  warn(h.oom_kill_disable(), s.oom_kill_disable, "OomKillDisable");
  warn(h.cpu_shares() > 0, s.cpu, "CPU shares");
  warn(h.nano_cpus() > 0 || h.cpu_quota() > 0 || h.cpu_period() > 0, s.cpu,
       "CPU CFS scheduler");
  warn(h.cpu_realtime_period() != 0 || h.cpu_realtime_runtime() != 0,
       s.cpu_realtime, "CPU real-time scheduler");
  warn(!h.cpuset_cpus().empty() || !h.cpuset_mems().empty(), s.cpuset,
       "cpuset");
  warn(h.pids_limit() > 0, s.pids, "PIDs limit capabilities");
  warn(h.blkio_weight() != 0 || h.blkio_weight_device().values_size() > 0,
       s.io_weight, "Block I/O weight");
  warn(h.blkio_device_read_bps().values_size() > 0 ||
           h.blkio_device_write_bps().values_size() > 0 ||
           h.blkio_device_read_iops().values_size() > 0 ||
           h.blkio_device_write_iops().values_size() > 0,
       s.io, "Block I/O throttling");
  return absl::OkStatus();
}

absl::StatusOr<cgroup::Resources> ResourcesOf(const HostConfig& h,
                                              const cgroup::Support& s) {
  cgroup::Resources r;
  SetMemory(h, s, r);
  SetCpu(h, s, r);
  if (s.pids && h.pids_limit() > 0) r.pids = h.pids_limit();
  RETURN_IF_ERROR(SetIo(h, s, r));
  return r;
}

}  // namespace tug::runtimed
