// SPDX-License-Identifier: Apache-2.0
#include "lib/program/version.h"

#include <utility>

#include "boost/json/array.hpp"
#include "boost/json/object.hpp"
#include "services/gatewayd/routes/system/handlers.h"
#include "services/gatewayd/server/api_version.h"

namespace tug::gatewayd {
namespace {

namespace json = boost::json;

constexpr char kPlatformName[] = "Tug";

json::object EngineComponent(const HostFacts& facts) {
  json::object details;
  details["ApiVersion"] = ToString(kNewestApi);
  details["Arch"] = facts.architecture;
  details["BuildTime"] = facts.build_time;
  details["Experimental"] = "false";
  details["GitCommit"] = "";
  details["GoVersion"] = "";
  details["KernelVersion"] = facts.kernel_version;
  details["MinAPIVersion"] = ToString(kOldestApi);
  details["Os"] = "linux";
  return {{"Name", "Engine"},
          {"Version", kVersion},
          {"Details", std::move(details)}};
}

}  // namespace

absl::Status Ping(const SystemParts&, RequestContext& context) {
  http::ResponseHead head = context.NewHead(200, "text/plain; charset=utf-8");
  head.headers.Add("Cache-Control", "no-cache, no-store, must-revalidate");
  head.headers.Add("Pragma", "no-cache");
  // No Builder-Version: there is no builder yet.
  head.headers.Add("Swarm", "inactive");
  const bool get = context.head().method == "GET";
  return context.exchange().Respond(std::move(head), get ? "OK" : "");
}

absl::Status Version(const SystemParts& parts, RequestContext& context) {
  const HostFacts& facts = parts.facts;
  json::object version;
  version["Platform"] = json::object{{"Name", kPlatformName}};
  version["Version"] = kVersion;
  version["ApiVersion"] = ToString(kNewestApi);
  version["MinAPIVersion"] = ToString(kOldestApi);
  version["Os"] = "linux";
  version["Arch"] = facts.architecture;
  version["Components"] = json::array{EngineComponent(facts)};
  version["GitCommit"] = "";
  version["GoVersion"] = "";
  version["KernelVersion"] = facts.kernel_version;
  version["BuildTime"] = facts.build_time;
  return context.RespondJson(200, version);
}

}  // namespace tug::gatewayd
