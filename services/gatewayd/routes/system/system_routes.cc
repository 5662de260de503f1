// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/routes/system/system_routes.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "lib/oci/digest.h"
#include "services/gatewayd/routes/system/handlers.h"

namespace tug::gatewayd {
namespace {

// Looks like the UUID that clients expect, of what tells engines apart.
std::string EngineId(const HostFacts& facts, const std::string& directory) {
  const std::string& machine =
      facts.machine_id.empty() ? facts.host_name : facts.machine_id;
  const std::string hex =
      oci::Digest::Of(absl::StrCat(machine, "\n", directory)).hex();
  return absl::StrCat(hex.substr(0, 8), "-", hex.substr(8, 4), "-",
                      hex.substr(12, 4), "-", hex.substr(16, 4), "-",
                      hex.substr(20, 12));
}

}  // namespace

std::vector<Route> SystemRoutes(const Peers& peers, EventFeed& events,
                                const SystemRouteOptions& options) {
  HostFacts facts = ReadHostFacts();
  std::string id = EngineId(facts, options.state_directory);
  // Shared by the handlers, which are copied.
  const auto parts = std::make_shared<const SystemParts>(SystemParts{
      peers, events, std::move(facts), options.state_directory, std::move(id)});
  const auto bind =
      [parts](absl::Status (*handler)(const SystemParts&, RequestContext&)) {
        return [parts, handler](RequestContext& context) {
          return handler(*parts, context);
        };
      };
  return {
      {"GET", "/_ping", {1, 0}, bind(Ping)},
      {"HEAD", "/_ping", {1, 0}, bind(Ping)},
      {"GET", "/version", {1, 0}, bind(Version)},
      {"GET", "/info", {1, 0}, bind(Info)},
      {"GET", "/events", {1, 3}, bind(Events)},
      {"POST", "/auth", {1, 0}, bind(Authenticate)},
      {"GET", "/system/df", {1, 25}, bind(DiskUsage)},
  };
}

}  // namespace tug::gatewayd
