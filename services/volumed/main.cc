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
#include "services/tree/process/tree_process.h"
#include "services/volumed/config.pb.h"
#include "services/volumed/copy_up/fill_volume.h"
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
  config.set_max_copy_percent(CopyUp().max_space_percent);
  return config;
}

// Mounts do not outlive a boot of the machine.
std::string KernelBootId() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id;
}

absl::StatusOr<CopyUp> MakeCopyUp(const Config& config) {
  CopyUp copy_up;
  ASSIGN_OR_RETURN(copy_up.program,
                   tree::FindTreeProgram(config.tree_program()));
  copy_up.max_space_percent = config.max_copy_percent();
  if (copy_up.max_space_percent < 1 || copy_up.max_space_percent > 100) {
    return absl::InvalidArgumentError("max-copy-percent is 1 to 100");
  }
  return copy_up;
}

absl::Status Run(const ProgramOptions& options) {
  ASSIGN_OR_RETURN(const Config config, LoadConfig(options, Defaults()));
  ASSIGN_OR_RETURN(const CopyUp copy_up, MakeCopyUp(config));
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
  GrpcVolumeService service(catalog, booth, copy_up);
  return rpc::Serve(server, {&service}, &booth, &events);
}

}  // namespace
}  // namespace tug::volumed

int main(int argc, char** argv) {
  return tug::RunProgram(
      argc, argv,
      {"volumed",
       "Keeps named volumes and who uses them. Keys: run-directory, "
       "state-directory, tree-program, max-copy-percent."},
      tug::volumed::Run);
}
