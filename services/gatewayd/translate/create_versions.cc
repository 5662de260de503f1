// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/translate/create_versions.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lib/base/status_macros.h"
#include "services/gatewayd/server/docker_error.h"
#include "services/gatewayd/translate/container_json.h"

namespace tug::gatewayd {
namespace {

using runtime::v1::HostConfig;
using runtime::v1::Mount;

void Before140(CreateBody& body) {
  // The engine's default was "shareable".
  if (body.host_config.ipc_mode().empty()) {
    body.host_config.set_ipc_mode("shareable");
  }
}

void Before141(CreateBody& body) {
  if (body.host_config.cgroupns_mode().empty()) {
    body.host_config.set_cgroupns_mode("host");
  }
}

// Options of another type than the mount's were not refused before 1.42.
void KeepOnlyOwnOptions(Mount& mount) {
  if (mount.has_bind_options()) {
    mount.mutable_bind_options()->clear_create_mountpoint();
  }
  if (mount.type() != "bind") mount.clear_bind_options();
  if (mount.type() != "volume") mount.clear_volume_options();
  if (mount.type() != "tmpfs") mount.clear_tmpfs_options();
}

void Before142(CreateBody& body) {
  body.host_config.clear_console_size();
  for (Mount& mount : *body.host_config.mutable_mounts()->mutable_values()) {
    KeepOnlyOwnOptions(mount);
  }
}

void Before143(CreateBody& body) { body.host_config.clear_annotations(); }

void Before144(CreateBody& body) {
  if (body.config.has_healthcheck()) {
    body.config.mutable_healthcheck()->clear_start_interval();
  }
  // Read-only did not reach sub-mounts. A mount shows so where it has options.
  body.binds_read_only_recursively = false;
  for (Mount& mount : *body.host_config.mutable_mounts()->mutable_values()) {
    if (!mount.has_bind_options() || !mount.read_only()) continue;
    mount.mutable_bind_options()->set_read_only_non_recursive(true);
  }
  for (network::v1::Endpoint& endpoint : body.endpoints) {
    endpoint.clear_requested_mac();
  }
}

// What an older version cannot mean otherwise, and so refuses.
absl::Status CheckBefore144(const CreateBody& body) {
  for (const Mount& mount : body.host_config.mounts().values()) {
    if (mount.bind_options().read_only_force_recursive()) {
      return DockerError(
          400, "BindOptions.ReadOnlyForceRecursive needs API v1.44 or newer");
    }
  }
  if (body.endpoints.size() < 2) return absl::OkStatus();
  const auto name = [](std::string* out, const network::v1::Endpoint& e) {
    out->append(e.network_name());
  };
  return DockerError(
      400, absl::StrCat("Container cannot be created with multiple network "
                        "endpoints: ",
                        absl::StrJoin(body.endpoints, ", ", name)));
}

void Before145(CreateBody& body) {
  for (Mount& mount : *body.host_config.mutable_mounts()->mutable_values()) {
    if (mount.has_volume_options()) {
      mount.mutable_volume_options()->clear_subpath();
    }
  }
}

void Before146(CreateBody& body) {
  for (Mount& mount : *body.host_config.mutable_mounts()->mutable_values()) {
    if (mount.has_tmpfs_options()) {
      mount.mutable_tmpfs_options()->clear_options();
    }
  }
}

void Before148(CreateBody& body) {
  for (network::v1::Endpoint& endpoint : body.endpoints) {
    endpoint.clear_gateway_priority();
  }
}

struct Step {
  ApiVersion first_that_knows;
  void (*drop)(CreateBody&);
};

constexpr Step kSteps[] = {
    {{1, 40}, Before140}, {{1, 41}, Before141}, {{1, 42}, Before142},
    {{1, 43}, Before143}, {{1, 44}, Before144}, {{1, 45}, Before145},
    {{1, 46}, Before146}, {{1, 48}, Before148},
};

}  // namespace

absl::Status DropNewerFields(ApiVersion version, CreateBody& body) {
  if (version < ApiVersion{1, 44}) RETURN_IF_ERROR(CheckBefore144(body));
  const bool has_mounts = body.host_config.has_mounts();
  for (const Step& step : kSteps) {
    if (version < step.first_that_knows) step.drop(body);
  }
  // The loops above must not make an absent list empty.
  if (!has_mounts) body.host_config.clear_mounts();
  return absl::OkStatus();
}

}  // namespace tug::gatewayd
