// SPDX-License-Identifier: Apache-2.0
#include <sys/resource.h>

#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lib/base/id.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/event/event_bus.h"
#include "lib/kv/rocksdb_store.h"
#include "lib/program/load_config.h"
#include "lib/program/parent_process.h"
#include "lib/program/run_program.h"
#include "lib/rpc/server.h"
#include "services/netd/config.pb.h"
#include "services/netd/drivers/bridge/bridge_driver.h"
#include "services/netd/firewall/forward_policy.h"
#include "services/netd/grpc/grpc_network_service.h"
#include "services/netd/grpc/grpc_sandbox_service.h"
#include "services/netd/networks/restore_networks.h"
#include "services/netd/sandboxes/restore_sandboxes.h"
#include "services/netd/sysctl/sysctl.h"

namespace tug::netd {
namespace {

// Bytes of the seed that unique local IPv6 subnets are made from.
constexpr size_t kSeedSize = 5;
constexpr char kSeedKey[] = "host/ipv6-seed";

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

// The same subnets after a restart, others than those of other hosts.
absl::StatusOr<std::string> Ipv6Seed(kv::KeyValueStore& store) {
  absl::StatusOr<std::string> seed = store.Get(kSeedKey);
  if (!absl::IsNotFound(seed.status())) return seed;
  std::string fresh = RandomBytes(kSeedSize);
  RETURN_IF_ERROR(store.Put(kSeedKey, fresh, kv::Durability::kSynced));
  return fresh;
}

absl::StatusOr<std::vector<AddressPool>> ReadPools(const Config& config,
                                                   kv::KeyValueStore& store) {
  std::vector<AddressPool> pools;
  for (const std::string& text : config.address_pools()) {
    ASSIGN_OR_RETURN(const AddressPool pool, ParseAddressPool(text));
    pools.push_back(pool);
  }
  if (pools.empty()) pools = DefaultAddressPools();
  ASSIGN_OR_RETURN(const std::string seed, Ipv6Seed(store));
  pools.push_back(UniqueLocalPool(seed));
  return pools;
}

absl::Status EnableForwarding() {
  ASSIGN_OR_RETURN(const std::string forwarding,
                   ReadSysctl("ipv4/ip_forward"));
  if (forwarding == "1") return absl::OkStatus();
  LogInfo("turning on IPv4 forwarding");
  return WriteSysctl("ipv4/ip_forward", "1");
}

void WarnOfForwardDrops() {
  const auto drops = FindForwardDrops();
  if (!drops.ok()) return LogIfError(drops.status(), "look at FORWARD policy");
  if (drops->empty()) return;
  LogWarning(
      "another firewall drops forwarded packets by default, which cuts off "
      "containers: accept packets of the bridge there",
      {{"chains", absl::StrJoin(*drops, ", ")}});
}

bool BridgedFramesPassFirewall() {
  const auto setting = ReadSysctl("bridge/bridge-nf-call-iptables");
  return setting.ok() && *setting == "1";
}

std::set<std::string> NetworkIds(const NetworkCatalog& catalog) {
  std::set<std::string> ids;
  for (const auto& network : catalog.List()) ids.insert(network.id());
  return ids;
}

absl::Status Run(const ProgramOptions& options) {
  ASSIGN_OR_RETURN(const Config config, LoadConfig(options, Defaults()));
  RETURN_IF_ERROR(EndWithParent());
  RaiseDescriptorLimit();
  rpc::ServerOptions server;
  server.name = "netd";
  server.run_directory = config.run_directory();
  const std::string root = absl::StrCat(config.state_directory(), "/netd");
  ASSIGN_OR_RETURN(const auto files,
                   ContainerFiles::Open(absl::StrCat(root, "/sandboxes")));
  ASSIGN_OR_RETURN(const auto store,
                   kv::OpenRocksDbStore(absl::StrCat(root, "/meta")));
  ASSIGN_OR_RETURN(
      const auto attachments,
      AttachmentLog::Open(
          absl::StrCat(config.run_directory(), "/netd/attachments")));
  ASSIGN_OR_RETURN(const auto firewall, Firewall::Open(config.table_name()));
  ASSIGN_OR_RETURN(const auto relay, Relay::Start());
  ASSIGN_OR_RETURN(std::vector<AddressPool> pools, ReadPools(config, *store));
  RETURN_IF_ERROR(EnableForwarding());
  WarnOfForwardDrops();

  EventBus events;
  rpc::TicketBooth booth(rpc::ByteSocketPath(server));
  Worker worker;
  AddressBook addresses;
  BridgeDriver bridges(*firewall, worker);
  NetworkCatalog networks(*store);
  NetworkOwner network_owner = {networks, addresses,        bridges,
                                events,   std::move(pools), config.bridge_name()};
  RETURN_IF_ERROR(RestoreNetworks(network_owner));

  const auto namespaces =
      NamespacePool::Start({.with_interface = config.namespace_pool_size()});
  PortBinder binder;
  NameDirectory names;
  ASSIGN_OR_RETURN(const auto dns, DnsServer::Start(names));
  SandboxCatalog sandboxes(*store);
  SandboxOwner sandbox_owner = {
      sandboxes, networks, addresses,    *namespaces, *firewall,
      binder,    *relay,   names,        *dns,        *files,
      *attachments, worker, events, BridgedFramesPassFirewall()};
  RETURN_IF_ERROR(RestoreSandboxes(sandbox_owner));
  LogIfError(bridges.RemoveStrays(NetworkIds(networks)),
             "remove bridges of networks that are gone");

  GrpcNetworkService network_service(network_owner, sandboxes);
  GrpcSandboxService sandbox_service(sandbox_owner, booth);
  return rpc::Serve(server, {&network_service, &sandbox_service}, &booth,
                    &events);
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
