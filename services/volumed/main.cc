// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "lib/base/clock.h"
#include "lib/base/status_macros.h"
#include "lib/event/event_bus.h"
#include "lib/kv/rocksdb_store.h"
#include "lib/program/load_config.h"
#include "lib/program/parent_process.h"
#include "lib/program/run_program.h"
#include "lib/rpc/server.h"
#include "services/volumed/config.pb.h"
#include "services/volumed/drivers/local/local_driver.h"
#include "services/volumed/grpc/grpc_volume_service.h"
#include "services/volumed/rights.h"
#include "services/volumed/volumes/volume_catalog.h"

namespace tug::volumed {
namespace {

Config Defaults() {
  Config config;
  config.set_run_directory("/run/tug");
  config.set_state_directory("/var/lib/tug");
  return config;
}

// Mounts do not outlive a boot of the machine.
std::string KernelBootId() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id;
}

absl::Status Run(const ProgramOptions& options) {
  ASSIGN_OR_RETURN(const Config config, LoadConfig(options, Defaults()));
  RETURN_IF_ERROR(EndWithParent());
  RETURN_IF_ERROR(KeepNeededRights());
  rpc::ServerOptions server;
  server.name = "volumed";
  server.run_directory = config.run_directory();
  const std::string root = absl::StrCat(config.state_directory(), "/volumed");
  ASSIGN_OR_RETURN(const auto local, LocalDriver::Open(root));
  ASSIGN_OR_RETURN(const auto store,
                   kv::OpenRocksDbStore(absl::StrCat(root, "/meta")));
  SystemClock clock;
  EventBus events;
  rpc::TicketBooth booth(rpc::ByteSocketPath(server));
  VolumeCatalog catalog(*store, {{"local", local.get()}}, events, clock);
  RETURN_IF_ERROR(catalog.Load(KernelBootId()));
  RETURN_IF_ERROR(local->Reconcile(catalog.NamesOf("local")));
  GrpcVolumeService service(catalog, booth);
  return rpc::Serve(server, {&service}, &booth, &events);
}

}  // namespace
}  // namespace tug::volumed

int main(int argc, char** argv) {
  return tug::RunProgram(
      argc, argv,
      {"volumed",
       "Keeps named volumes and who uses them. Keys: run-directory, "
       "state-directory."},
      tug::volumed::Run);
}
