// SPDX-License-Identifier: Apache-2.0
//
// The whole of netd on a host of the test's own.
#pragma once

#include <fcntl.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <poll.h>
#include <unistd.h>

#include <map>
#include <thread>

#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "lib/base/id.h"
#include "lib/netlink/link.h"
#include "lib/testing/privileged_test.h"
#include "lib/testing/status_matchers.h"
#include "lib/testing/temp_dir.h"
#include "services/netd/engine/engine.h"
#include "services/netd/engine/neighbourhood.h"
#include "services/netd/networks/create_network.h"
#include "services/netd/networks/remove_network.h"
#include "services/netd/sandboxes/adopt_sandbox.h"
#include "services/netd/sandboxes/attach_sandbox.h"
#include "services/netd/sandboxes/connect_network.h"
#include "services/netd/sandboxes/detach_sandbox.h"
#include "services/netd/sandboxes/reserve_sandbox.h"
#include "services/netd/sysctl/sysctl.h"

namespace tug::netd {

using network::v1::CreateNetworkRequest;
using network::v1::ReserveSandboxRequest;

inline const UniqueFd kHost;

struct Container {
  std::string lease;
  UniqueFd ns;
  network::v1::Sandbox sandbox;

  std::string address(int endpoint = 0) const {
    return sandbox.endpoints(endpoint).ip_address();
  }
};

class EngineTest : public PrivilegedTest {
 protected:
  void SetUp() override {
    PrivilegedTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    auto neighbour = BuildNeighbourhood();
    ASSERT_THAT(neighbour, IsOk());
    neighbour_ = *std::move(neighbour);
    PrepareHost();
    Restart();
  }

  void TearDown() override {
    if (engine_ == nullptr) return;
    for (const std::string& lease : leases_) {
      EXPECT_THAT(ReleaseSandbox(engine_->sandboxes(), lease), IsOk());
    }
    for (const auto& network : engine_->networks().catalog.List()) {
      (void)RemoveNetwork(engine_->networks(), network.name());
    }
    ExpectNoLeak();
  }

  // What the host is like before the engine comes.
  virtual void PrepareHost() {}

  // Interfaces go with their namespaces, behind our back.
  void ExpectNoLeak() {
    const absl::Time deadline = absl::Now() + absl::Seconds(10);
    std::string left;
    do {
      absl::SleepFor(absl::Milliseconds(50));
      left.clear();
      auto socket = netlink::Socket::Open(NETLINK_ROUTE);
      const auto links = netlink::ListLinks(*socket);
      for (const auto& link : *links) {
        const bool pooled = link.master == 0;
        if (link.name == "lo" || link.name == "near" || link.name == "near2" ||
            link.name == "tugtest0" || link.kind.empty() ||
            (absl::StartsWith(link.name, kHostInterfacePrefix) && pooled)) {
          continue;
        }
        left += link.name + " ";
      }
    } while (!left.empty() && absl::Now() < deadline);
    EXPECT_EQ(left, "");
  }

  void Restart() {
    engine_.reset();
    EngineOptions options;
    options.state_directory = directory_.path() + "/state";
    options.run_directory = directory_.path() + "/run";
    options.bridge_name = "tugtest0";
    options.table_name = "tugtest";
    options.address_pools = {"10.231.0.0/16 24"};
    options.namespace_pool_size = 2;
    options.ip_forward = ip_forward_;
    auto resolver =
        StartResolverProcess("services/netd/dns/tug-dns-keeper", "nobody");
    ASSERT_THAT(resolver, IsOk());
    resolver_ = resolver->pid;
    options.resolver = *std::move(resolver);
    auto engine = Engine::Start(std::move(options));
    ASSERT_THAT(engine, IsOk());
    engine_ = *std::move(engine);
  }

  void MakeNetwork(
      const std::string& name,
      const std::function<void(CreateNetworkRequest&)>& change = {}) {
    CreateNetworkRequest request;
    request.set_name(name);
    if (change) change(request);
    ASSERT_THAT(CreateNetwork(engine_->networks(), request), IsOk());
  }

  static ReserveSandboxRequest Ask(const std::string& name,
                                   const std::vector<std::string>& networks) {
    ReserveSandboxRequest request;
    request.set_lease(NewId());
    request.set_name(name);
    for (const std::string& network : networks) {
      request.add_endpoints()->set_network_name(network);
    }
    return request;
  }
  static void Publish(ReserveSandboxRequest& request, const char* protocol,
                      uint32_t port, uint32_t host_port,
                      const char* host = "") {
    auto* published = request.add_ports();
    published->set_protocol(protocol);
    published->set_container_port(port);
    published->set_host_port(host_port);
    published->set_host_ip(host);
  }
  Container Run(const ReserveSandboxRequest& request) {
    EXPECT_THAT(ReserveSandbox(engine_->sandboxes(), request), IsOk());
    leases_.push_back(request.lease());
    auto attached = AttachSandbox(engine_->sandboxes(), request.lease());
    EXPECT_THAT(attached, IsOk());
    if (!attached.ok()) return {};
    return {request.lease(), std::move(attached->ns), attached->sandbox};
  }

  const TempDir directory_;
  bool ip_forward_ = true;
  pid_t resolver_ = 0;
  UniqueFd neighbour_;
  std::unique_ptr<Engine> engine_;
  std::vector<std::string> leases_;
};

}  // namespace tug::netd
