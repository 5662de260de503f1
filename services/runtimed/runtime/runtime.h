// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "lib/cgroup/cgroup.h"
#include "lib/cgroup/sweeper.h"
#include "lib/event/event_bus.h"
#include "lib/rpc/byte_channel.h"
#include "services/runtimed/config.pb.h"
#include "services/runtimed/containers/container_catalog.h"
#include "services/runtimed/containers/exit_watch.h"
#include "services/runtimed/containers/operation_locks.h"
#include "services/runtimed/logs/log_follower.h"
#include "services/runtimed/restart/restart_policy.h"
#include "services/runtimed/runtime/exec_registry.h"
#include "services/runtimed/runtime/health_table.h"
#include "services/runtimed/runtime/parked_attaches.h"
#include "services/runtimed/shims/live_table.h"
#include "services/runtimed/shims/shim_loop.h"
#include "services/runtimed/shims/shim_spawner.h"
#include "services/runtimed/spec/host_facts.h"
#include "services/runtimed/spec/seccomp_cache.h"
#include "services/runtimed/stats/stats_feed.h"
#include "services/runtimed/work/executor.h"

namespace tug::runtimed {

// The parts of the service that operations work with, wired up by main.cc.
// Holds no state of its own: each operation is a function over it, in a file
// of its own, and takes from it only the parts it names.
struct Runtime {
  const Config& config;
  const HostFacts& facts;
  const std::string& boot_id;
  ContainerCatalog& catalog;
  OperationLocks& locks;
  // Taken for the files of one log; never together with `locks` of another.
  OperationLocks& log_locks;
  ExitWatch& exits;
  EventBus& events;
  rpc::TicketBooth& tickets;
  cgroup::CgroupTree& cgroups;
  cgroup::CgroupSweeper& sweeper;
  ShimSpawner& spawner;
  ShimLoop& shims;
  LiveTable& live;
  ParkedAttaches& parked;
  ExecRegistry& execs;
  HealthTable& health;
  LogFollower& followers;
  StatsFeed& stats;
  RestartBackoff& backoff;
  SeccompCache& seccomp;
  // For news of shims and other short work.
  Executor& executor;
  // For starts by a policy. A start may wait for a slow disk: it must not hold
  // up the news that other containers have ended.
  Executor& launches;

  std::string StateDirectory(absl::string_view id) const {
    return absl::StrCat(config.state_directory(), "/runtimed/containers/", id);
  }
  std::string RunDirectory(absl::string_view id) const {
    return absl::StrCat(config.run_directory(), "/runtimed/", id);
  }
  std::string ShimSocketPath(absl::string_view id) const {
    return absl::StrCat(RunDirectory(id), "/shim.sock");
  }
  std::string ExitRecordPath(absl::string_view id) const {
    return absl::StrCat(RunDirectory(id), "/exit");
  }
};

}  // namespace tug::runtimed
