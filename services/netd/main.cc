// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/program/load_config.h"
#include "lib/program/run_program.h"
#include "lib/rpc/server.h"
#include "services/netd/config.pb.h"
#include "services/netd/engine/engine.h"
#include "services/netd/grpc/grpc_network_service.h"
#include "services/netd/grpc/grpc_sandbox_service.h"
#include "services/netd/rights.h"

namespace tug::netd {
namespace {

Config Defaults() {
  Config config;
  config.set_run_directory("/run/tug");
  config.set_state_directory("/var/lib/tug");
  config.set_bridge_name("tug0");
  config.set_table_name("tug");
  config.set_namespace_pool_size(8);
  config.set_ip_forward("on");
  config.set_dns_user("tug-dns");
  return config;
}

absl::StatusOr<bool> IsOn(absl::string_view key, const std::string& value) {
  if (value == "on" || value == "off") return value == "on";
  return absl::InvalidArgumentError(
      absl::StrCat(key, ": on or off is needed, not '", value, "'"));
}

absl::StatusOr<std::string> KeeperProgram() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return ErrnoStatus(error.value(), "find this program");
  return (self.parent_path() / "tug-dns-keeper").string();
}

absl::Status Run(const ProgramOptions& options) {
  ASSIGN_OR_RETURN(const Config config, LoadConfig(options, Defaults()));
  EngineOptions parts;
  parts.state_directory = config.state_directory();
  parts.run_directory = config.run_directory();
  parts.bridge_name = config.bridge_name();
  parts.table_name = config.table_name();
  parts.address_pools.assign(config.address_pools().begin(),
                             config.address_pools().end());
  parts.namespace_pool_size = config.namespace_pool_size();
  ASSIGN_OR_RETURN(parts.ip_forward, IsOn("ip-forward", config.ip_forward()));
  ASSIGN_OR_RETURN(const std::string keeper, KeeperProgram());
  ASSIGN_OR_RETURN(parts.resolver,
                   StartResolverProcess(keeper, config.dns_user()));
  // The rights to start another user's process go with the others.
  RETURN_IF_ERROR(
      KeepOnlyNetworkRights(config.state_directory(), config.run_directory()));
  // tugd starts us again, and we the resolver.
  parts.on_resolver_end = [] { kill(getpid(), SIGTERM); };
  ASSIGN_OR_RETURN(const std::unique_ptr<Engine> engine,
                   Engine::Start(std::move(parts)));
  rpc::ServerOptions server;
  server.name = "netd";
  server.run_directory = config.run_directory();
  rpc::TicketBooth booth(rpc::ByteSocketPath(server));
  GrpcNetworkService networks(engine->networks(), engine->sandboxes().catalog,
                              engine->firewall());
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
       "address-pools, namespace-pool-size, ip-forward, dns-user."},
      tug::netd::Run);
}
