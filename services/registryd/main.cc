// SPDX-License-Identifier: Apache-2.0
#include "lib/base/clock.h"
#include "lib/base/status_macros.h"
#include "lib/event/event_bus.h"
#include "lib/program/load_config.h"
#include "lib/program/parent_process.h"
#include "lib/program/run_program.h"
#include "lib/program/user.h"
#include "lib/rpc/server.h"
#include "services/registryd/client/registry_client.h"
#include "services/registryd/config.pb.h"
#include "services/registryd/grpc/grpc_registry_service.h"
#include "services/registryd/rights.h"
#include "services/registryd/sessions/session_table.h"

namespace tug::registryd {
namespace {

Config Defaults() {
  Config config;
  config.set_run_directory("/run/tug");
  config.set_state_directory("/var/lib/tug");
  config.set_ca_directory("/etc/tug/certs.d");
  config.add_more_ca_directories("/etc/docker/certs.d");
  config.set_system_ca_file("/etc/ssl/certs/ca-certificates.crt");
  return config;
}

RegistryPolicy::Options PolicyOptions(const Config& config) {
  RegistryPolicy::Options options;
  options.insecure_registries = {config.insecure_registries().begin(),
                                 config.insecure_registries().end()};
  options.ca_directories = {config.ca_directory()};
  options.ca_directories.insert(options.ca_directories.end(),
                                config.more_ca_directories().begin(),
                                config.more_ca_directories().end());
  options.mirrors = {config.mirrors().begin(), config.mirrors().end()};
  options.system_ca_file = config.system_ca_file();
  return options;
}

absl::Status Run(const ProgramOptions& options) {
  ASSIGN_OR_RETURN(const Config config, LoadConfig(options, Defaults()));
  ASSIGN_OR_RETURN(const RegistryPolicy policy,
                   RegistryPolicy::Create(PolicyOptions(config)));
  if (!config.user().empty()) RETURN_IF_ERROR(BecomeUser(config.user()));
  RETURN_IF_ERROR(EndWithParent());
  RETURN_IF_ERROR(KeepNeededRights(config));
  rpc::ServerOptions server;
  server.name = "registryd";
  server.run_directory = config.run_directory();
  SystemClock clock;
  rpc::TicketBooth booth(rpc::ByteSocketPath(server));
  EventBus events;
  SessionTable sessions(clock);
  RegistryClient client(policy, clock);
  GrpcRegistryService service(sessions, client, booth);
  server.for_services = {
      {registry::v1::RegistryService::service_full_name(), &service}};
  return rpc::Serve(server, {&service}, &booth, &events);
}

}  // namespace
}  // namespace tug::registryd

int main(int argc, char** argv) {
  return tug::RunProgram(
      argc, argv,
      {"registryd",
       "Speaks HTTP to image registries for the other services. Keys: "
       "run-directory, state-directory, insecure-registries, ca-directory, "
       "more-ca-directories, mirrors, system-ca-file, user."},
      tug::registryd::Run);
}
