// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/spec/masked_paths.h"

#include <unistd.h>

#include "absl/strings/str_cat.h"

namespace tug::runtimed {
namespace {

std::vector<std::string> ThermalCounters() {
  std::vector<std::string> paths;
  const long cpus = sysconf(_SC_NPROCESSORS_CONF);
  for (long i = 0; i < cpus; ++i) {
    std::string path =
        absl::StrCat("/sys/devices/system/cpu/cpu", i, "/thermal_throttle");
    if (access(path.c_str(), F_OK) == 0) paths.push_back(std::move(path));
  }
  return paths;
}

}  // namespace

std::vector<std::string> DefaultMaskedPaths() {
  static const std::vector<std::string>& paths = *[] {
    auto* list = new std::vector<std::string>{"/proc/acpi",
                                              "/proc/asound",
                                              "/proc/interrupts",
                                              "/proc/kcore",
                                              "/proc/keys",
                                              "/proc/latency_stats",
                                              "/proc/sched_debug",
                                              "/proc/scsi",
                                              "/proc/timer_list",
                                              "/proc/timer_stats",
                                              "/sys/devices/virtual/powercap",
                                              "/sys/firmware"};
    for (std::string& path : ThermalCounters()) {
      list->push_back(std::move(path));
    }
    return list;
  }();
  return paths;
}

std::vector<std::string> DefaultReadonlyPaths() {
  return {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
          "/proc/sysrq-trigger"};
}

}  // namespace tug::runtimed
