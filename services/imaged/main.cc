// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/event/event_bus.h"
#include "lib/files/trash.h"
#include "lib/kv/rocksdb_store.h"
#include "lib/program/listen_fds.h"
#include "lib/program/load_config.h"
#include "lib/program/parent_process.h"
#include "lib/program/run_program.h"
#include "lib/rpc/server.h"
#include "services/imaged/config.pb.h"
#include "services/imaged/content/file_blob_store.h"
#include "services/imaged/files/directory.h"
#include "services/imaged/grpc/grpc_image_service.h"
#include "services/imaged/grpc/grpc_snapshot_service.h"
#include "services/imaged/peers/grpc_registry_peer.h"
#include "services/imaged/retention/collector.h"
#include "services/imaged/rights.h"
#include "services/imaged/stacks/base_layer.h"
#include "services/tree/process/tree_process.h"

namespace tug::imaged {
namespace {

// How long transfers may take to end after the last call.
constexpr absl::Duration kEndPatience = absl::Seconds(2);

Config Defaults() {
  Config config;
  config.set_run_directory("/run/tug");
  config.set_state_directory("/var/lib/tug");
  config.set_max_unpack_percent(Unpacker().max_space_percent);
  return config;
}

// A transfer that hangs in a registry must not hold a restart up; what it had
// is found and collected at the next start.
void EndSoon() {
  std::thread([] {
    absl::SleepFor(kEndPatience);
    _exit(0);
  }).detach();
}

absl::StatusOr<Unpacker> MakeUnpacker(const Config& config) {
  Unpacker unpacker;
  ASSIGN_OR_RETURN(unpacker.program,
                   tree::FindTreeProgram(config.tree_program()));
  unpacker.max_space_percent = config.max_unpack_percent();
  if (unpacker.max_space_percent < 1 || unpacker.max_space_percent > 100) {
    return absl::InvalidArgumentError("max-unpack-percent is 1 to 100");
  }
  return unpacker;
}

absl::Status Run(const ProgramOptions& options) {
  ASSIGN_OR_RETURN(const Config config, LoadConfig(options, Defaults()));
  RETURN_IF_ERROR(EndWithParent());
  ASSIGN_OR_RETURN(const Unpacker unpacker, MakeUnpacker(config));
  const std::string state_path =
      absl::StrCat(config.state_directory(), "/imaged");
  RETURN_IF_ERROR(
      MakeDirectory(AT_FDCWD, config.state_directory(), 0711).status());
  RETURN_IF_ERROR(MakeDirectory(AT_FDCWD, state_path, 0700).status());
  RETURN_IF_ERROR(KeepNeededRights({.state = state_path,
                                    .run_directory = config.run_directory(),
                                    .tree_program = unpacker.program,
                                    .has_sockets = HasListenFds()}));
  // Opened where the mount of the confinement is.
  ASSIGN_OR_RETURN(const UniqueFd state,
                   MakeDirectory(AT_FDCWD, state_path, 0700));
  RETURN_IF_ERROR(MakeBaseLayer(state.get()));

  ASSIGN_OR_RETURN(const std::unique_ptr<kv::KeyValueStore> store,
                   kv::OpenRocksDbStore(absl::StrCat(state_path, "/meta")));
  ASSIGN_OR_RETURN(UniqueFd trash_directory,
                   MakeDirectory(state.get(), "trash", 0700));
  Trash trash(std::move(trash_directory));
  ASSIGN_OR_RETURN(const std::unique_ptr<BlobStore> blobs,
                   OpenFileBlobStore(state.get(), unpacker.max_space_percent));
  ASSIGN_OR_RETURN(const std::unique_ptr<LayerCatalog> layers,
                   LayerCatalog::Open(*store, state.get(), trash));
  ASSIGN_OR_RETURN(const std::unique_ptr<StackCatalog> stack_catalog,
                   StackCatalog::Open(*store));
  ASSIGN_OR_RETURN(const std::unique_ptr<ImageCatalog> catalog,
                   ImageCatalog::Open(*store));
  ASSIGN_OR_RETURN(const std::unique_ptr<SnapshotTable> snapshots,
                   SnapshotTable::Open(state.get(), trash));

  SystemClock clock;
  EventBus bus;
  ImageEvents events(bus);
  PinSet pins;
  DocumentCache documents(*blobs);
  ImageDescriber describer(*blobs, documents, *layers, *snapshots);
  Collector collector(*blobs, documents, *catalog, *layers, *stack_catalog,
                      *snapshots, pins);
  const StackParts stacks = {*blobs, *layers, *stack_catalog, pins, unpacker};
  const CollectGarbage collect = [&] { return collector.Collect(); };
  const ImageParts images = {*catalog, documents, describer, *snapshots,
                             events,   clock,     collect};
  const TransferParts transfers = {*blobs,  documents, *catalog, *layers,
                                   pins,    stacks,    events,   clock,
                                   collect, unpacker};
  const SnapshotParts snapshot_parts = {*snapshots, *catalog,    documents,
                                        stacks,     state.get(), state_path};

  // What operations that were killed have left.
  LogIfError(collect().status(), "collect at start-up");

  rpc::ServerOptions server;
  server.name = "imaged";
  server.run_directory = config.run_directory();
  rpc::TicketBooth booth(rpc::ByteSocketPath(server));
  const std::unique_ptr<RegistryPeer> registry =
      NewGrpcRegistryPeer(config.run_directory());
  LayerFlights flights([&] {
    LogIfError(collect().status(), "collect after an abandoned transfer");
  });
  GrpcImageService image_service(images, transfers, *registry, flights, booth);
  GrpcSnapshotService snapshot_service(snapshot_parts, booth);
  const absl::Status served =
      rpc::Serve(server, {&image_service, &snapshot_service}, &booth, &bus);
  EndSoon();
  return served;
}

}  // namespace
}  // namespace tug::imaged

int main(int argc, char** argv) {
  return tug::RunProgram(
      argc, argv,
      {"imaged",
       "Owns blobs, images, layers and the root file systems of containers. "
       "Keys: run-directory, state-directory, tree-program, "
       "max-unpack-percent."},
      tug::imaged::Run);
}
