// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/command.h"
#include "cli/options/environment.h"
#include "lib/base/status_macros.h"

namespace tug::cli {
namespace {

namespace json = boost::json;

class NetworkConnectCommand final : public Command {
 public:
  void AddFlags(FlagSet& flags) override {
    flags.List(0, "alias", &aliases_, "Add a network-scoped alias");
    flags.List(0, "driver-opt", &driver_options_, "Driver options");
    flags.Int(0, "gw-priority", &gateway_priority_,
              "The highest one provides the default gateway");
    flags.String(0, "ip", &ip_, "IPv4 address");
    flags.String(0, "ip6", &ip6_, "IPv6 address");
    flags.List(0, "link", &links_, "Add a link to another container");
    flags.List(0, "link-local-ip", &link_local_ips_, "Link-local addresses");
  }

  absl::StatusOr<int> Run(const Engine& engine,
                          const std::vector<std::string>& words) override {
    json::object endpoint;
    if (!aliases_.empty()) endpoint["Aliases"] = ToArray(aliases_);
    if (!links_.empty()) endpoint["Links"] = ToArray(links_);
    if (!driver_options_.empty()) {
      endpoint["DriverOpts"] = PairsToObject(driver_options_);
    }
    if (gateway_priority_.has_value()) {
      endpoint["GwPriority"] = *gateway_priority_;
    }
    json::object addresses;
    if (!ip_.empty()) addresses["IPv4Address"] = ip_;
    if (!ip6_.empty()) addresses["IPv6Address"] = ip6_;
    if (!link_local_ips_.empty()) {
      addresses["LinkLocalIPs"] = ToArray(link_local_ips_);
    }
    if (!addresses.empty()) endpoint["IPAMConfig"] = std::move(addresses);
    Path path("/networks/");
    path.Add(words[0]) += "/connect";
    RETURN_IF_ERROR(engine
                        .Call("POST", path,
                              json::object{{"Container", words[1]},
                                           {"EndpointConfig", endpoint}})
                        .status());
    return 0;
  }

 private:
  static json::array ToArray(const std::vector<std::string>& words) {
    return json::array(words.begin(), words.end());
  }

  std::vector<std::string> aliases_;
  std::vector<std::string> links_;
  std::vector<std::string> driver_options_;
  std::vector<std::string> link_local_ips_;
  std::optional<int64_t> gateway_priority_;
  std::string ip_;
  std::string ip6_;
};

}  // namespace

std::unique_ptr<Command> NewNetworkConnectCommand() {
  return std::make_unique<NetworkConnectCommand>();
}

}  // namespace tug::cli
