// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "boost/json/array.hpp"
#include "boost/json/object.hpp"
#include "boost/json/parse.hpp"
#include "lib/base/status_macros.h"
#include "services/gatewayd/lastknown/last_known_objects.h"
#include "services/gatewayd/operations/sandbox_settings.h"
#include "services/gatewayd/routes/containers/container_usage.h"
#include "services/gatewayd/routes/containers/handlers.h"
#include "services/gatewayd/routes/containers/mount_json.h"
#include "services/gatewayd/routes/containers/network_settings.h"
#include "services/gatewayd/translate/container_json.h"
#include "services/gatewayd/translate/json_values.h"
#include "services/gatewayd/translate/status_prose.h"
#include "services/gatewayd/translate/times.h"

namespace tug::gatewayd {
namespace {

namespace json = boost::json;
using runtime::v1::Container;

constexpr char kStorageDriver[] = "overlayfs";
// First version with "Storage" instead of "GraphDriver", and with the
// descriptor of the image's manifest.
constexpr ApiVersion kStorage = {1, 52};
constexpr ApiVersion kDescriptor = {1, 48};

json::object EncodeHealth(const runtime::v1::Health& health) {
  json::array log;
  for (const runtime::v1::HealthResult& result : health.log()) {
    log.push_back(json::object{{"Start", Rfc3339(result.start())},
                               {"End", Rfc3339(result.end())},
                               {"ExitCode", result.exit_code()},
                               {"Output", result.output()}});
  }
  return {{"Status", health.state()},
          {"FailingStreak", health.failing_streak()},
          {"Log", std::move(log)}};
}

json::object EncodeState(const Container& container) {
  const auto state = container.state();
  const bool paused = state == runtime::v1::CONTAINER_STATE_PAUSED;
  const bool restarting = state == runtime::v1::CONTAINER_STATE_RESTARTING;
  json::object object{{"Status", std::string(StateWord(state))},
                      {"Running", IsRunning(container) || restarting},
                      {"Paused", paused},
                      {"Restarting", restarting},
                      {"OOMKilled", container.oom_killed()},
                      {"Dead", false},
                      {"Pid", container.pid()},
                      {"ExitCode", container.exit_code()},
                      {"Error", container.error()},
                      {"StartedAt", Rfc3339(container.started_at())},
                      {"FinishedAt", Rfc3339(container.finished_at())}};
  if (container.has_health() && container.health().state() != "none" &&
      !container.health().state().empty()) {
    object["Health"] = EncodeHealth(container.health());
  }
  return object;
}

// The head of an inspect, in Docker's order.
json::object EncodeRecord(const Container& container) {
  json::object object{{"Id", container.id()},
                      {"Created", Rfc3339(container.created())},
                      {"Path", container.path()},
                      {"Args", EncodeStrings(container.args())},
                      {"State", EncodeState(container)},
                      {"Image", container.image_id()},
                      {"ResolvConfPath", container.resolv_conf_path()},
                      {"HostnamePath", container.hostname_path()},
                      {"HostsPath", container.hosts_path()},
                      {"LogPath", container.log_path()},
                      {"Name", absl::StrCat("/", container.name())},
                      {"RestartCount", container.restart_count()},
                      {"Driver", kStorageDriver},
                      {"Platform", container.platform()},
                      {"MountLabel", ""},
                      {"ProcessLabel", ""},
                      {"AppArmorProfile", ""}};
  if (container.exec_ids().empty()) {
    object["ExecIDs"] = nullptr;
  } else {
    object["ExecIDs"] = EncodeStrings(container.exec_ids());
  }
  return object;
}

void AddStorage(ApiVersion version, json::object& object) {
  if (version < kStorage) {
    object["GraphDriver"] =
        json::object{{"Data", nullptr}, {"Name", kStorageDriver}};
    return;
  }
  object["Storage"] = json::object{
      {"RootFS",
       json::object{{"Snapshot", json::object{{"Name", kStorageDriver}}}}}};
}

using Sandboxes = std::vector<network::v1::Sandbox>;

std::optional<network::v1::Sandbox> FindSandbox(const ContainerParts& parts,
                                                const Container& container) {
  if (!ContainerOfMode(container.host_config().network_mode()).empty()) {
    return std::nullopt;
  }
  network::v1::GetSandboxRequest request;
  request.set_lease(container.id());
  const auto ask = [&] { return parts.peers.sandboxes.GetSandbox(request); };
  auto sandbox = WithPatience(ask);
  if (absl::IsDeadlineExceeded(sandbox.status())) {
    const auto known = parts.peers.known.sandboxes.All();
    if (!known.has_value()) sandbox = ask();
    for (const network::v1::Sandbox& one : known.value_or(Sandboxes())) {
      if (one.lease() == container.id()) sandbox = one;
    }
  }
  if (!sandbox.ok()) return std::nullopt;
  return *std::move(sandbox);
}

// What was last known of it, while the runtime hangs.
absl::StatusOr<Container> FindPatiently(const ContainerParts& parts,
                                        const RequestContext& context) {
  const auto ask = [&] { return FindContainer(parts, context); };
  auto container = WithPatience(ask);
  if (!absl::IsDeadlineExceeded(container.status())) return container;
  const auto known = parts.peers.known.containers.All();
  return known.has_value() ? FindAmong(*known, context.parameter()) : ask();
}

// A link may have been removed since it was asked for; netd knows.
void DropRemovedLinks(const network::v1::Sandbox& sandbox, json::object& host) {
  json::value* const links = host.if_contains("Links");
  if (links == nullptr || !links->is_array()) return;
  json::array kept;
  for (const json::value& text : links->get_array()) {
    const LinkText link = ParseLink(std::string(text.as_string()));
    for (const network::v1::Link& one : sandbox.links()) {
      if (one.alias() == link.alias) {
        kept.push_back(text);
        break;
      }
    }
  }
  if (kept.empty()) {
    *links = nullptr;
  } else {
    *links = std::move(kept);
  }
}

void AddDescriptor(const Container& container, ApiVersion version,
                   json::object& object) {
  if (version < kDescriptor || container.image_manifest_descriptor().empty()) {
    return;
  }
  boost::system::error_code error;
  json::value descriptor =
      json::parse(container.image_manifest_descriptor(), error);
  if (!error) object["ImageManifestDescriptor"] = std::move(descriptor);
}

}  // namespace

absl::Status InspectContainer(const ContainerParts& parts,
                              RequestContext& context) {
  ASSIGN_OR_RETURN(const Container container, FindPatiently(parts, context));
  const std::optional<network::v1::Sandbox> sandbox =
      FindSandbox(parts, container);
  const ApiVersion version = context.version();
  json::object object = EncodeRecord(container);
  object["HostConfig"] = EncodeHostConfig(container.host_config(), version);
  if (sandbox.has_value()) {
    DropRemovedLinks(*sandbox, object["HostConfig"].as_object());
  }
  AddStorage(version, object);
  if (context.QueryBool("size")) {
    AddSizes(parts.peers.snapshots, container.id(), object);
  }
  object["Mounts"] = EncodeMounts(container);
  object["Config"] = EncodeConfig(container.config(), version);
  object["NetworkSettings"] = EncodeNetworkSettings(
      container, sandbox.has_value() ? &*sandbox : nullptr, version);
  AddDescriptor(container, version, object);
  return context.RespondJson(200, object);
}

}  // namespace tug::gatewayd
