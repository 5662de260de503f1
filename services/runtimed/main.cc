// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <thread>

#include "absl/strings/str_cat.h"
#include "lib/base/log.h"
#include "lib/base/status_macros.h"
#include "lib/cgroup/cgroup.h"
#include "lib/cgroup/sweeper.h"
#include "lib/event/event_bus.h"
#include "lib/kv/rocksdb_store.h"
#include "lib/program/load_config.h"
#include "lib/program/run_program.h"
#include "lib/rpc/server.h"
#include "services/runtimed/config.pb.h"
#include "services/runtimed/grpc/grpc_container_service.h"
#include "services/runtimed/grpc/grpc_exec_service.h"
#include "services/runtimed/lifecycle/recovery.h"
#include "services/runtimed/runtime/runtime.h"
#include "services/runtimed/spec/capabilities.h"
#include "services/runtimed/spec/default_seccomp.h"
#include "services/runtimed/stats/sampler.h"

namespace tug::runtimed {
namespace {

// Ends, restarts, probes and log rotations of all containers.
constexpr int kWorkers = 16;
// Starts by a policy that run at once.
constexpr int kLaunchWorkers = 8;
// Calls at once: stops, starts and removals may take long.
constexpr int kServerThreads = 1024;

Config Defaults() {
  Config config;
  config.set_run_directory("/run/tug");
  config.set_state_directory("/var/lib/tug");
  config.set_cgroup_parent("tug");
  config.set_ps_path("/bin/ps");
  return config;
}

// A program beside this one; empty if it is not there.
std::string Sibling(const char* name) {
  std::error_code error;
  const std::filesystem::path self =
      std::filesystem::read_symlink("/proc/self/exe", error);
  const std::filesystem::path path = self.parent_path() / name;
  return std::filesystem::exists(path, error) ? path.native() : std::string();
}

absl::Status MakeDirectory(const std::string& path, unsigned mode) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error || chmod(path.c_str(), mode) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("make directory ", path, ": ", error.message()));
  }
  return absl::OkStatus();
}

absl::Status MakeDirectories(const Config& config) {
  RETURN_IF_ERROR(
      MakeDirectory(absl::StrCat(config.run_directory(), "/runtimed"), 0700));
  // Passable: the files that are bound into containers are below.
  RETURN_IF_ERROR(
      MakeDirectory(absl::StrCat(config.state_directory(), "/runtimed"), 0710));
  return MakeDirectory(
      absl::StrCat(config.state_directory(), "/runtimed/containers"), 0710);
}

// The default policy is compiled before the first start asks for it.
void CompileDefaultSeccomp(SeccompCache& cache) {
  LogIfError(
      cache.Compiled(DefaultSeccompPolicy(DefaultCapabilities())).status(),
      "compile the default seccomp policy");
}

absl::StatusOr<runtime::v1::ContainerStats> SampleOf(Runtime* rt,
                                                     const std::string& id) {
  ASSIGN_OR_RETURN(const RecordPtr record, rt->catalog.Get(id));
  return SampleStats(*rt, *record);
}

absl::Status Run(const ProgramOptions& options) {
  ASSIGN_OR_RETURN(Config config, LoadConfig(options, Defaults()));
  if (config.shim_path().empty()) config.set_shim_path(Sibling("tug-shim"));
  if (config.init_path().empty()) config.set_init_path(Sibling("tug-reaper"));
  RETURN_IF_ERROR(MakeDirectories(config));
  rpc::ServerOptions server;
  server.name = "runtimed";
  server.run_directory = config.run_directory();
  server.max_threads = kServerThreads;
  for (const uint32_t uid : config.allowed_uids()) {
    server.allowed_uids.push_back(uid);
  }
  ASSIGN_OR_RETURN(const auto store,
                   kv::OpenRocksDbStore(absl::StrCat(config.state_directory(),
                                                     "/runtimed/meta")));
  ASSIGN_OR_RETURN(const auto cgroups, cgroup::OpenCgroupTree());
  const std::string shims = absl::StrCat(config.cgroup_parent(), "/shims");
  RETURN_IF_ERROR(cgroups->Create(shims, cgroup::Resources()).status());
  ASSIGN_OR_RETURN(
      const auto spawner,
      ShimSpawner::Make(config.shim_path(), cgroups->Locate(shims).tasks));
  const HostFacts facts = ReadHostFacts(*cgroups, config.init_path());
  const std::string boot_id = ReadBootId();
  ContainerCatalog catalog(*store);
  ExecRegistry execs(*store);
  RETURN_IF_ERROR(catalog.Load());
  RETURN_IF_ERROR(execs.Load());
  OperationLocks locks;
  OperationLocks log_locks;
  ExitWatch exits;
  EventBus events;
  rpc::TicketBooth tickets(rpc::ByteSocketPath(server));
  cgroup::CgroupSweeper sweeper(*cgroups);
  ShimLoop shim_loop;
  LiveTable live;
  ParkedAttaches parked;
  RestartBackoff backoff;
  SeccompCache seccomp(
      absl::StrCat(config.run_directory(), "/runtimed/seccomp"));
  HealthTable health;
  ASSIGN_OR_RETURN(const auto followers, LogFollower::Make());
  // Set once there is a runtime to take samples of, before anybody asks.
  Runtime* sampled = nullptr;
  StatsFeed stats(
      [&sampled](const std::string& id) { return SampleOf(sampled, id); });
  Executor executor(kWorkers);
  Executor launches(kLaunchWorkers);
  Runtime rt = {config,    facts,   boot_id, catalog,  locks,   log_locks,
                exits,     events,  tickets, *cgroups, sweeper, *spawner,
                shim_loop, live,    parked,  execs,    health,  *followers,
                stats,     backoff, seccomp, executor, launches};
  LogIfError(executor.Submit([&seccomp] { CompileDefaultSeccomp(seccomp); }),
             "compile the default seccomp policy");
  sampled = &rt;
  RecoverContainers(rt);
  GrpcContainerService containers(rt);
  GrpcExecService exec_service(rt);
  const absl::Status served =
      rpc::Serve(server, {&containers, &exec_service}, &tickets, &events);
  // Crash-only: what matters is stored, and no thread that still waits for a
  // container holds up the end.
  LogIfError(served, "serve");
  std::_Exit(served.ok() ? EXIT_SUCCESS : EXIT_FAILURE);
}

}  // namespace
}  // namespace tug::runtimed

int main(int argc, char** argv) {
  return tug::RunProgram(
      argc, argv,
      {"runtimed",
       "Owns containers and execs: their records, processes, exit codes, logs, "
       "statistics, health and restart policies. Keys: run-directory, "
       "state-directory, cgroup-parent, shim-path, init-path, ps-path, "
       "allowed-uids."},
      tug::runtimed::Run);
}
