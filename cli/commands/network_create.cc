// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "cli/commands/command.h"
#include "cli/commands/output.h"
#include "cli/format/json_text.h"
#include "cli/options/environment.h"
#include "lib/base/status_macros.h"

namespace tug::cli {
namespace {

namespace json = boost::json;

class NetworkCreateCommand final : public Command {
 public:
  void AddFlags(FlagSet& flags) override {
    flags.String('d', "driver", &driver_, "Driver to manage the network");
    flags.List('o', "opt", &options_, "Set driver specific options");
    flags.List(0, "label", &labels_, "Set metadata on a network");
    flags.Bool(0, "internal", &internal_, "Restrict external access");
    flags.Bool(0, "attachable", &attachable_, "Enable manual attachment");
    flags.Bool(0, "ipv4", &ipv4_, "Enable or disable IPv4 addresses");
    flags.Bool(0, "ipv6", &ipv6_, "Enable or disable IPv6 addresses");
    flags.List(0, "subnet", &subnets_, "Subnet in CIDR format");
    flags.List(0, "gateway", &gateways_, "Gateway of the subnet");
    flags.List(0, "ip-range", &ranges_, "Allocate addresses of a sub-range");
    flags.List(0, "aux-address", &auxiliary_, "Addresses used by others");
    flags.String(0, "ipam-driver", &ipam_driver_, "IP address management");
    flags.List(0, "ipam-opt", &ipam_options_, "Set IPAM driver options");
  }

  absl::StatusOr<int> Run(const Engine& engine,
                          const std::vector<std::string>& words) override {
    ASSIGN_OR_RETURN(json::array pools, Pools());
    ASSIGN_OR_RETURN(json::object labels, ReadLabels({}, labels_));
    json::object body = {{"Name", words[0]},
                         {"Driver", driver_},
                         {"Options", PairsToObject(options_)},
                         {"Labels", std::move(labels)},
                         {"Internal", internal_},
                         {"Attachable", attachable_},
                         {"EnableIPv4", ipv4_},
                         {"EnableIPv6", ipv6_}};
    body["IPAM"] = json::object{{"Driver", ipam_driver_},
                                {"Options", PairsToObject(ipam_options_)},
                                {"Config", std::move(pools)}};
    ASSIGN_OR_RETURN(const json::value created,
                     engine.Call("POST", Path("/networks/create"), body));
    const std::string warning = StringMember(created, "Warning");
    if (!warning.empty()) PrintError(absl::StrCat("WARNING: ", warning));
    PrintLine(StringMember(created, "Id"));
    return 0;
  }

 private:
  // Gateways, ranges and addresses belong to the subnet of the same family;
  // with several subnets of one family the order tells.
  absl::StatusOr<json::array> Pools() const {
    json::array pools;
    for (const std::string& subnet : subnets_) {
      pools.emplace_back(json::object{{"Subnet", subnet}});
    }
    if (subnets_.empty() &&
        (!gateways_.empty() || !ranges_.empty() || !auxiliary_.empty())) {
      return absl::InvalidArgumentError(
          "every ip-range or gateway must have a corresponding subnet");
    }
    RETURN_IF_ERROR(Assign(gateways_, "Gateway", pools));
    RETURN_IF_ERROR(Assign(ranges_, "IPRange", pools));
    for (const std::string& pair : auxiliary_) {
      const size_t equals = pair.find('=');
      if (equals == std::string::npos) {
        return absl::InvalidArgumentError(
            absl::StrCat("invalid aux-address ", pair, ": give name=address"));
      }
      json::object* pool = PoolFor(pair.substr(equals + 1), "", pools);
      if (pool == nullptr) return NoSubnet(pair);
      json::value& addresses = (*pool)["AuxiliaryAddresses"];
      if (addresses.is_null()) addresses = json::object();
      addresses.get_object()[pair.substr(0, equals)] = pair.substr(equals + 1);
    }
    return pools;
  }

  static absl::Status NoSubnet(const std::string& value) {
    return absl::InvalidArgumentError(
        absl::StrCat("no matching subnet for ", value));
  }

  static json::object* PoolFor(const std::string& value, const char* key,
                               json::array& pools) {
    const bool is_v6 = value.find(':') != std::string::npos;
    for (json::value& pool : pools) {
      const bool pool_v6 =
          StringMember(pool, "Subnet").find(':') != std::string::npos;
      const bool taken = *key != '\0' && pool.get_object().contains(key);
      if (pool_v6 == is_v6 && !taken) return &pool.get_object();
    }
    return nullptr;
  }

  static absl::Status Assign(const std::vector<std::string>& values,
                             const char* key, json::array& pools) {
    for (const std::string& value : values) {
      json::object* pool = PoolFor(value, key, pools);
      if (pool == nullptr) return NoSubnet(value);
      (*pool)[key] = value;
    }
    return absl::OkStatus();
  }

  std::string driver_ = "bridge";
  std::string ipam_driver_ = "default";
  std::vector<std::string> options_;
  std::vector<std::string> labels_;
  std::vector<std::string> subnets_;
  std::vector<std::string> gateways_;
  std::vector<std::string> ranges_;
  std::vector<std::string> auxiliary_;
  std::vector<std::string> ipam_options_;
  bool internal_ = false;
  bool attachable_ = false;
  bool ipv4_ = true;
  bool ipv6_ = false;
};

}  // namespace

std::unique_ptr<Command> NewNetworkCreateCommand() {
  return std::make_unique<NetworkCreateCommand>();
}

}  // namespace tug::cli
