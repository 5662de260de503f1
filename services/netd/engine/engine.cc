// SPDX-License-Identifier: Apache-2.0
#include "services/netd/engine/engine.h"

#include <set>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lib/base/id.h"
#include "lib/base/log.h"
#include "lib/base/status_macros.h"
#include "lib/kv/rocksdb_store.h"
#include "services/netd/firewall/forward_policy.h"
#include "services/netd/networks/restore_networks.h"
#include "services/netd/sandboxes/restore_sandboxes.h"
#include "services/netd/sysctl/sysctl.h"

namespace tug::netd {
namespace {

// Bytes of the seed that unique local IPv6 subnets are made from.
constexpr size_t kSeedSize = 5;
constexpr char kSeedKey[] = "host/ipv6-seed";

// The same subnets after a restart, others than those of other hosts.
absl::StatusOr<std::string> Ipv6Seed(kv::KeyValueStore& store) {
  absl::StatusOr<std::string> seed = store.Get(kSeedKey);
  if (!absl::IsNotFound(seed.status())) return seed;
  std::string fresh = RandomBytes(kSeedSize);
  RETURN_IF_ERROR(store.Put(kSeedKey, fresh, kv::Durability::kSynced));
  return fresh;
}

absl::StatusOr<std::vector<AddressPool>> ReadPools(
    const std::vector<std::string>& texts, kv::KeyValueStore& store) {
  std::vector<AddressPool> pools;
  for (const std::string& text : texts) {
    ASSIGN_OR_RETURN(const AddressPool pool, ParseAddressPool(text));
    pools.push_back(pool);
  }
  if (pools.empty()) pools = DefaultAddressPools();
  ASSIGN_OR_RETURN(const std::string seed, Ipv6Seed(store));
  pools.push_back(UniqueLocalPool(seed));
  return pools;
}

void WarnOfForwardDrops(absl::string_view table) {
  const auto drops = FindForwardDrops(table);
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

}  // namespace

absl::StatusOr<std::unique_ptr<Engine>> Engine::Start(EngineOptions options) {
  std::unique_ptr<Engine> engine = absl::WrapUnique(new Engine());
  RETURN_IF_ERROR(engine->OpenParts(options));
  RETURN_IF_ERROR(engine->Restore(options));
  return engine;
}

absl::Status Engine::OpenParts(EngineOptions& options) {
  const std::string root = absl::StrCat(options.state_directory, "/netd");
  const std::string run = absl::StrCat(options.run_directory, "/netd");
  ASSIGN_OR_RETURN(files_,
                   ContainerFiles::Open(absl::StrCat(root, "/sandboxes")));
  ASSIGN_OR_RETURN(store_, kv::OpenRocksDbStore(absl::StrCat(root, "/meta")));
  ASSIGN_OR_RETURN(attachments_,
                   AttachmentLog::Open(absl::StrCat(run, "/attachments")));
  RETURN_IF_ERROR(OpenFirewall(options, absl::StrCat(run, "/forwarding")));
  ASSIGN_OR_RETURN(relay_, Relay::Start());
  ASSIGN_OR_RETURN(dns_, DnsServer::Start(std::move(options.resolver),
                                          options.on_resolver_end));
  namespaces_ =
      NamespacePool::Start({.with_interface = options.namespace_pool_size});
  network_catalog_ = std::make_unique<NetworkCatalog>(*store_);
  sandbox_catalog_ = std::make_unique<SandboxCatalog>(*store_);
  bridges_ = std::make_unique<BridgeDriver>(*firewall_, worker_);
  return absl::OkStatus();
}

absl::Status Engine::OpenFirewall(const EngineOptions& options,
                                  const std::string& directory) {
  ASSIGN_OR_RETURN(auto record, ForwardingRecord::Open(directory));
  ASSIGN_OR_RETURN(firewall_,
                   Firewall::Open(options.table_name, record->guards()));
  ASSIGN_OR_RETURN(
      ruleset_watch_, RulesetWatch::Start(options.table_name, [this] {
        LogWarning("somebody deleted the nftables table; putting it right",
                   {{"table", firewall_->table()}});
        const absl::Status status = firewall_->Restore();
        LogIfError(status, "put the nftables table right");
        return status.ok();
      }));
  forwarding_ = std::make_unique<HostForwarding>(*firewall_, std::move(record),
                                                 options.ip_forward);
  return absl::OkStatus();
}

absl::Status Engine::Restore(const EngineOptions& options) {
  WarnOfForwardDrops(options.table_name);
  ASSIGN_OR_RETURN(std::vector<AddressPool> pools,
                   ReadPools(options.address_pools, *store_));
  networks_ = absl::WrapUnique(
      new NetworkOwner{*network_catalog_, addresses_, *bridges_, *forwarding_,
                       events_, std::move(pools), options.bridge_name});
  RETURN_IF_ERROR(RestoreNetworks(*networks_));
  sandboxes_ = absl::WrapUnique(new SandboxOwner{
      *sandbox_catalog_, *network_catalog_, addresses_, *namespaces_,
      *firewall_, binder_, *relay_, *dns_, *files_, *attachments_, worker_,
      retirement_, events_, BridgedFramesPassFirewall()});
  RETURN_IF_ERROR(RestoreSandboxes(*sandboxes_));
  std::set<std::string> ids;
  for (const auto& network : network_catalog_->List()) {
    ids.insert(network.id());
  }
  LogIfError(bridges_->RemoveStrays(ids),
             "remove bridges of networks that are gone");
  return absl::OkStatus();
}

}  // namespace tug::netd
