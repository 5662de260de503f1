// SPDX-License-Identifier: Apache-2.0
#include <sys/resource.h>

#include <memory>

#include "lib/base/log.h"
#include "lib/base/status_macros.h"
#include "lib/program/load_config.h"
#include "lib/program/parent_process.h"
#include "lib/program/run_program.h"
#include "lib/rpc/server.h"
#include "services/netd/config.pb.h"
#include "services/netd/engine/engine.h"
#include "services/netd/grpc/grpc_network_service.h"
#include "services/netd/grpc/grpc_sandbox_service.h"

namespace tug::netd {
namespace {

Config Defaults() {
  Config config;
  config.set_run_directory("/run/tug");
  config.set_state_directory("/var/lib/tug");
  config.set_bridge_name("tug0");
  config.set_table_name("tug");
  config.set_namespace_pool_size(8);
  return config;
}

// Each container takes a few descriptors, each published port two.
void RaiseDescriptorLimit() {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
    LogWarning("cannot raise the limit of open files");
  }
}

absl::Status Run(const ProgramOptions& options) {
  ASSIGN_OR_RETURN(const Config config, LoadConfig(options, Defaults()));
  RETURN_IF_ERROR(EndWithParent());
  RaiseDescriptorLimit();
  EngineOptions parts;
  parts.state_directory = config.state_directory();
  parts.run_directory = config.run_directory();
  parts.bridge_name = config.bridge_name();
  parts.table_name = config.table_name();
  parts.address_pools.assign(config.address_pools().begin(),
                             config.address_pools().end());
  parts.namespace_pool_size = config.namespace_pool_size();
  ASSIGN_OR_RETURN(const std::unique_ptr<Engine> engine, Engine::Start(parts));
  rpc::ServerOptions server;
  server.name = "netd";
  server.run_directory = config.run_directory();
  rpc::TicketBooth booth(rpc::ByteSocketPath(server));
  GrpcNetworkService networks(engine->networks(), engine->sandboxes().catalog);
  GrpcSandboxService sandboxes(engine->sandboxes(), booth,
                               {config.run_directory(), {"runtimed"}});
  return rpc::Serve(server, {&networks, &sandboxes}, &booth, &engine->events());
}

}  // namespace
}  // namespace tug::netd

int main(int argc, char** argv) {
  return tug::RunProgram(
      argc, argv,
      {"netd",
       "Keeps networks, and the sandboxes by which containers are on them. "
       "Keys: run-directory, state-directory, bridge-name, table-name, "
       "address-pools, namespace-pool-size."},
      tug::netd::Run);
}
