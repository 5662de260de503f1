// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/stats/sampler.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "services/runtimed/containers/state_machine.h"
#include "services/runtimed/containers/timestamps.h"
#include "services/runtimed/runtime/container_process.h"

namespace tug::runtimed {
namespace {

using runtime::v1::ContainerStats;

// USER_HZ is 100 for every user of Linux.
constexpr uint64_t kNanosPerTick = 10'000'000;
constexpr size_t kHostColumns = 7;

std::string ReadSmallFile(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

uint64_t HostMemory() {
  return static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES)) *
         static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

void Fill(const cgroup::Stats& from, ContainerStats& to) {
  to.set_cpu_total(from.cpu_total);
  to.set_cpu_user(from.cpu_user);
  to.set_cpu_system(from.cpu_system);
  for (const uint64_t each : from.cpu_each) to.add_per_cpu(each);
  to.set_periods(from.periods);
  to.set_throttled_periods(from.throttled_periods);
  to.set_throttled_time(from.throttled_time);
  to.set_memory_usage(from.memory_usage);
  to.set_memory_max_usage(from.memory_max_usage);
  to.set_memory_limit(std::min(from.memory_limit, HostMemory()));
  for (const auto& [key, value] : from.memory) {
    (*to.mutable_memory_stat())[key] = value;
  }
  to.set_pids_current(from.pids);
  to.set_pids_limit(from.pids_limit);
  for (const cgroup::IoBytes& io : from.io) {
    runtime::v1::BlockCounter& counter = *to.add_block_io();
    counter.set_major(io.major);
    counter.set_minor(io.minor);
    counter.set_op(io.direction);
    counter.set_value(io.bytes);
  }
}

}  // namespace

std::map<std::string, runtime::v1::NetworkCounters> ParseNetworkCounters(
    absl::string_view text) {
  std::map<std::string, runtime::v1::NetworkCounters> counters;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    const std::pair<absl::string_view, absl::string_view> halves =
        absl::StrSplit(line, absl::MaxSplits(':', 1));
    const std::vector<absl::string_view> words = absl::StrSplit(
        halves.second, absl::ByAnyChar(" \t"), absl::SkipEmpty());
    if (words.size() < 12) continue;
    const std::string name(absl::StripAsciiWhitespace(halves.first));
    if (name == "lo") continue;
    const auto number = [&](size_t column) {
      uint64_t value = 0;
      return absl::SimpleAtoi(words[column], &value) ? value : 0;
    };
    runtime::v1::NetworkCounters& c = counters[name];
    c.set_rx_bytes(number(0));
    c.set_rx_packets(number(1));
    c.set_rx_errors(number(2));
    c.set_rx_dropped(number(3));
    c.set_tx_bytes(number(8));
    c.set_tx_packets(number(9));
    c.set_tx_errors(number(10));
    c.set_tx_dropped(number(11));
  }
  return counters;
}

uint64_t ParseHostCpu(absl::string_view text) {
  const absl::string_view line = text.substr(0, text.find('\n'));
  const std::vector<absl::string_view> words =
      absl::StrSplit(line, ' ', absl::SkipEmpty());
  if (words.empty() || words[0] != "cpu") return 0;
  uint64_t ticks = 0;
  for (size_t i = 1; i < words.size() && i <= kHostColumns; ++i) {
    uint64_t value = 0;
    if (absl::SimpleAtoi(words[i], &value)) ticks += value;
  }
  return ticks * kNanosPerTick;
}

ContainerStats SampleStats(Runtime& rt, const ContainerRecord& record) {
  const runtime::v1::Container& container = record.container();
  ContainerStats stats;
  stats.set_id(container.id());
  stats.set_name(container.name());
  *stats.mutable_read() = ToTimestamp(absl::Now());
  const auto live = rt.live.Find(container.id());
  if (live == nullptr || !HasProcess(container.state())) return stats;
  const auto group = rt.cgroups.Open(live->cgroup_path);
  if (!group.ok()) return stats;
  stats.set_running(true);
  Fill((*group)->ReadStats(), stats);
  stats.set_host_cpu_total(ParseHostCpu(ReadSmallFile("/proc/stat")));
  stats.set_online_cpus(static_cast<uint32_t>(sysconf(_SC_NPROCESSORS_ONLN)));
  if (container.host_config().network_mode() == "host") return stats;
  const auto process = OpenProcess(*live);
  if (!process.ok()) return stats;
  // By the descriptor: the number may be another process's by now.
  const std::string path =
      absl::StrCat("/proc/self/fd/", process->get(), "/net/dev");
  for (auto& [name, counters] : ParseNetworkCounters(ReadSmallFile(path))) {
    (*stats.mutable_networks())[name] = counters;
  }
  return stats;
}

}  // namespace tug::runtimed
