// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/strings/string_view.h"
#include "services/runtimed/runtime/runtime.h"

namespace tug::runtimed {

// What the container uses now; only id, name and time if it does not run.
runtime::v1::ContainerStats SampleStats(Runtime& rt,
                                        const ContainerRecord& record);

// Reads /proc/<pid>/net/dev; the loopback interface is left out.
std::map<std::string, runtime::v1::NetworkCounters> ParseNetworkCounters(
    absl::string_view text);

// Nanoseconds of all CPUs from the first line of /proc/stat: the seven
// columns that Docker's clients divide by.
uint64_t ParseHostCpu(absl::string_view text);

}  // namespace tug::runtimed
