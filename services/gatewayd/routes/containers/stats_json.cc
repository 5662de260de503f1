// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/routes/containers/stats_json.h"

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "boost/json/array.hpp"
#include "services/gatewayd/translate/times.h"

namespace tug::gatewayd {
namespace {

namespace json = boost::json;
using runtime::v1::ContainerStats;

constexpr ApiVersion kOsType = {1, 52};

json::object EncodeCpu(const ContainerStats* stats) {
  const ContainerStats none;
  const bool running = stats != nullptr && stats->running();
  const ContainerStats& s = running ? *stats : none;
  json::object usage{{"total_usage", s.cpu_total()}};
  if (s.per_cpu_size() > 0) {
    json::array per_cpu;
    for (const uint64_t value : s.per_cpu()) per_cpu.emplace_back(value);
    usage["percpu_usage"] = std::move(per_cpu);
  }
  usage["usage_in_kernelmode"] = s.cpu_system();
  usage["usage_in_usermode"] = s.cpu_user();
  json::object object{{"cpu_usage", std::move(usage)}};
  if (running) {
    object["system_cpu_usage"] = s.host_cpu_total();
    object["online_cpus"] = s.online_cpus();
  }
  object["throttling_data"] =
      json::object{{"periods", s.periods()},
                   {"throttled_periods", s.throttled_periods()},
                   {"throttled_time", s.throttled_time()}};
  return object;
}

json::object EncodeMemory(const ContainerStats& stats) {
  if (!stats.running()) return {};
  json::object object{{"usage", stats.memory_usage()}};
  if (stats.memory_max_usage() != 0) {
    object["max_usage"] = stats.memory_max_usage();
  }
  json::object raw;
  const std::map<std::string, uint64_t> sorted(stats.memory_stat().begin(),
                                               stats.memory_stat().end());
  for (const auto& [name, value] : sorted) raw[name] = value;
  object["stats"] = std::move(raw);
  object["limit"] = stats.memory_limit();
  return object;
}

json::object EncodeBlockIo(const ContainerStats& stats) {
  json::value bytes = nullptr, none = nullptr;
  if (stats.running()) {
    bytes.emplace_array();
    none.emplace_array();
  }
  for (const runtime::v1::BlockCounter& counter : stats.block_io()) {
    if (!stats.running()) break;
    bytes.get_array().push_back(json::object{{"major", counter.major()},
                                             {"minor", counter.minor()},
                                             {"op", counter.op()},
                                             {"value", counter.value()}});
  }
  return {{"io_service_bytes_recursive", bytes},
          {"io_serviced_recursive", none},
          {"io_queue_recursive", none},
          {"io_service_time_recursive", none},
          {"io_wait_time_recursive", none},
          {"io_merged_recursive", none},
          {"io_time_recursive", none},
          {"sectors_recursive", none}};
}

json::object EncodeNetworks(const ContainerStats& stats) {
  json::object networks;
  const std::map<std::string, runtime::v1::NetworkCounters> sorted(
      stats.networks().begin(), stats.networks().end());
  for (const auto& [name, counters] : sorted) {
    networks[name] = json::object{{"rx_bytes", counters.rx_bytes()},
                                  {"rx_packets", counters.rx_packets()},
                                  {"rx_errors", counters.rx_errors()},
                                  {"rx_dropped", counters.rx_dropped()},
                                  {"tx_bytes", counters.tx_bytes()},
                                  {"tx_packets", counters.tx_packets()},
                                  {"tx_errors", counters.tx_errors()},
                                  {"tx_dropped", counters.tx_dropped()}};
  }
  return networks;
}

json::object EncodePids(const ContainerStats& stats) {
  json::object object;
  if (!stats.running()) return object;
  object["current"] = stats.pids_current();
  if (stats.pids_limit() != 0) object["limit"] = stats.pids_limit();
  return object;
}

std::string ReadTime(const ContainerStats* stats) {
  return Rfc3339(stats != nullptr && stats->running()
                     ? stats->read()
                     : google::protobuf::Timestamp());
}

}  // namespace

json::object EncodeStats(const ContainerStats& stats,
                         const ContainerStats* previous, ApiVersion version) {
  json::object object{{"id", stats.id()},
                      {"name", absl::StrCat("/", stats.name())}};
  if (version >= kOsType) object["os_type"] = "linux";
  object["read"] = ReadTime(&stats);
  object["cpu_stats"] = EncodeCpu(&stats);
  object["memory_stats"] = EncodeMemory(stats);
  if (stats.networks_size() > 0) object["networks"] = EncodeNetworks(stats);
  object["pids_stats"] = EncodePids(stats);
  object["blkio_stats"] = EncodeBlockIo(stats);
  object["num_procs"] = 0;
  object["storage_stats"] = json::object();
  object["preread"] = ReadTime(previous);
  object["precpu_stats"] = EncodeCpu(previous);
  return object;
}

}  // namespace tug::gatewayd
