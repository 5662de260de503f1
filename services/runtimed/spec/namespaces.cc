// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/spec/namespaces.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "lib/base/status_macros.h"
#include "services/runtimed/spec/spec_error.h"

namespace tug::runtimed {
namespace {

constexpr size_t kMaxHostName = 64;

using Kind = NamespaceChoice::Kind;

absl::StatusOr<NamespaceChoice> Choose(absl::string_view mode, const char* what,
                                       bool may_share) {
  NamespaceChoice choice;
  if (mode == "host") {
    choice.kind = Kind::kHost;
    return choice;
  }
  absl::string_view rest = mode;
  if (may_share && absl::ConsumePrefix(&rest, "container:")) {
    if (rest.empty()) {
      return SpecError(
          absl::StrCat(what, " mode: no container given: \"", mode, "\""));
    }
    choice.kind = Kind::kContainer;
    choice.container = std::string(rest);
    return choice;
  }
  return SpecError(absl::StrCat("invalid ", what, " mode: ", mode));
}

}  // namespace

absl::StatusOr<NamespaceChoices> NamespacesOf(
    const runtime::v1::HostConfig& host, cgroup::Version version) {
  NamespaceChoices choices;
  const absl::string_view network = host.network_mode();
  if (network == "host" || absl::StartsWith(network, "container:")) {
    ASSIGN_OR_RETURN(choices.network, Choose(network, "network", true));
  }
  if (!host.pid_mode().empty() && host.pid_mode() != "private") {
    ASSIGN_OR_RETURN(choices.pid, Choose(host.pid_mode(), "PID", true));
  }
  const absl::string_view ipc = host.ipc_mode();
  if (!ipc.empty() && ipc != "private" && ipc != "shareable" && ipc != "none") {
    ASSIGN_OR_RETURN(choices.ipc, Choose(ipc, "IPC", true));
  }
  if (!host.uts_mode().empty() && host.uts_mode() != "private") {
    ASSIGN_OR_RETURN(choices.uts, Choose(host.uts_mode(), "UTS", false));
  }
  const absl::string_view cgroup = host.cgroupns_mode();
  if (cgroup.empty()) {
    if (version == cgroup::Version::kV1 || host.privileged()) {
      choices.cgroup.kind = Kind::kHost;
    }
  } else if (cgroup != "private") {
    ASSIGN_OR_RETURN(choices.cgroup, Choose(cgroup, "CgroupNS", false));
  }
  if (!host.userns_mode().empty()) {
    ASSIGN_OR_RETURN(const NamespaceChoice user,
                     Choose(host.userns_mode(), "USER", false));
    (void)user;  // "host" is what every container has.
  }
  return choices;
}

absl::Status CheckNamespaces(const runtime::v1::Config& config,
                             const runtime::v1::HostConfig& host,
                             cgroup::Version version) {
  ASSIGN_OR_RETURN(const NamespaceChoices choices, NamespacesOf(host, version));
  if (config.hostname().size() > kMaxHostName) {
    return SpecError(absl::StrCat("invalid hostname: ", config.hostname(),
                                  " is longer than 64 bytes"));
  }
  if (choices.uts.kind == Kind::kHost && !config.hostname().empty() &&
      choices.network.kind != Kind::kHost) {
    return SpecError("conflicting options: hostname and the UTS mode");
  }
  if (choices.network.kind == Kind::kContainer &&
      choices.uts.kind == Kind::kHost) {
    return SpecError("conflicting options: hostname and the network mode");
  }
  return absl::OkStatus();
}

}  // namespace tug::runtimed
