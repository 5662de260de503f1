// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/event/event_bus.h"
#include "lib/kv/key_value_store.h"
#include "services/netd/drivers/bridge/bridge_driver.h"
#include "services/netd/firewall/ruleset_watch.h"
#include "services/netd/forwarding/host_forwarding.h"
#include "services/netd/networks/network_owner.h"
#include "services/netd/sandboxes/sandbox_owner.h"

namespace tug::netd {

struct EngineOptions {
  // `<state>/netd` and `<run>/netd`.
  std::string state_directory;
  std::string run_directory;
  std::string bridge_name;
  std::string table_name;
  // "172.17.0.0/16 16"; empty: the default ones.
  std::vector<std::string> address_pools;
  size_t namespace_pool_size = 8;
  // Whether to make the host forward for networks that need it.
  bool ip_forward = true;
  // tug-dns, and what to do if it ends as a whole.
  ResolverProcess resolver;
  std::function<void()> on_resolver_end = [] {};
};

// All of netd but its sockets. It works in the network namespace of the thread
// that starts it. Destroying it leaves containers connected.
class Engine {
 public:
  // Reads the records, puts the kernel's objects right and takes back what was
  // attached before.
  static absl::StatusOr<std::unique_ptr<Engine>> Start(EngineOptions options);

  NetworkOwner& networks() { return *networks_; }
  SandboxOwner& sandboxes() { return *sandboxes_; }
  const Firewall& firewall() { return *firewall_; }
  EventBus& events() { return events_; }

 private:
  Engine() = default;
  absl::Status OpenParts(EngineOptions& options);
  absl::Status OpenFirewall(const EngineOptions& options,
                            const std::string& directory);
  absl::Status Restore(const EngineOptions& options);

  // Destroyed from below: who uses something stands behind it.
  EventBus events_;
  AddressBook addresses_;
  PortBinder binder_;
  std::unique_ptr<kv::KeyValueStore> store_;
  std::unique_ptr<ContainerFiles> files_;
  std::unique_ptr<AttachmentLog> attachments_;
  std::unique_ptr<Firewall> firewall_;
  std::unique_ptr<RulesetWatch> ruleset_watch_;
  std::unique_ptr<HostForwarding> forwarding_;
  std::unique_ptr<Relay> relay_;
  std::unique_ptr<DnsServer> dns_;
  std::unique_ptr<NamespacePool> namespaces_;
  std::unique_ptr<NetworkCatalog> network_catalog_;
  std::unique_ptr<SandboxCatalog> sandbox_catalog_;
  Retirement retirement_{worker_};
  // The other way round: its last jobs, run while it ends, use those above.
  Worker worker_;
  std::unique_ptr<BridgeDriver> bridges_;
  std::unique_ptr<NetworkOwner> networks_;
  std::unique_ptr<SandboxOwner> sandboxes_;
};

}  // namespace tug::netd
