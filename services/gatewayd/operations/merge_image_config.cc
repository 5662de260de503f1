// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/operations/merge_image_config.h"

#include <set>
#include <string>

namespace tug::gatewayd {
namespace {

using runtime::v1::Config;

std::string EnvName(const std::string& entry) {
  return entry.substr(0, entry.find('='));
}

void MergeEnv(const image::v1::ImageConfig& image, Config& config) {
  std::set<std::string> names;
  for (const std::string& entry : config.env().values()) {
    names.insert(EnvName(entry));
  }
  for (const std::string& entry : image.env()) {
    if (names.count(EnvName(entry)) == 0) {
      config.mutable_env()->add_values(entry);
    }
  }
}

void MergePorts(const image::v1::ImageConfig& image, Config& config) {
  const auto& given = config.exposed_ports().ports();
  std::set<std::string> ports(given.begin(), given.end());
  ports.insert(image.exposed_ports().begin(), image.exposed_ports().end());
  if (ports.empty()) return;
  auto* merged = config.mutable_exposed_ports();
  merged->clear_ports();
  for (const std::string& port : ports) merged->add_ports(port);
}

void MergeVolumes(const image::v1::ImageConfig& image, Config& config) {
  const auto& given = config.volumes().paths();
  std::set<std::string> paths(given.begin(), given.end());
  paths.insert(image.volumes().begin(), image.volumes().end());
  if (paths.empty()) return;
  auto* merged = config.mutable_volumes();
  merged->clear_paths();
  for (const std::string& path : paths) merged->add_paths(path);
}

void MergeCommand(const image::v1::ImageConfig& image, Config& config) {
  if (config.entrypoint().values_size() == 0) {
    if (config.cmd().values_size() == 0 && image.has_cmd()) {
      *config.mutable_cmd() = image.cmd();
      config.set_args_escaped(image.args_escaped());
    }
    if (!config.has_entrypoint() && image.has_entrypoint()) {
      *config.mutable_entrypoint() = image.entrypoint();
    }
  }
  const auto& entrypoint = config.entrypoint().values();
  if (entrypoint.size() == 1 && entrypoint[0].empty()) {
    config.clear_entrypoint();
  }
}

void MergeHealth(const image::v1::ImageConfig& image, Config& config) {
  if (!image.has_healthcheck()) return;
  const image::v1::HealthConfig& from = image.healthcheck();
  runtime::v1::HealthConfig& to = *config.mutable_healthcheck();
  if (to.test().values_size() == 0) {
    *to.mutable_test()->mutable_values() = from.test();
  }
  if (to.interval() == 0) to.set_interval(from.interval());
  if (to.timeout() == 0) to.set_timeout(from.timeout());
  if (to.start_period() == 0) to.set_start_period(from.start_period());
  if (to.start_interval() == 0) to.set_start_interval(from.start_interval());
  if (to.retries() == 0) to.set_retries(from.retries());
}

}  // namespace

void MergeImageConfig(const image::v1::ImageConfig& image, Config& config) {
  if (config.user().empty()) config.set_user(image.user());
  if (config.working_dir().empty()) {
    config.set_working_dir(image.working_dir());
  }
  if (config.stop_signal().empty()) {
    config.set_stop_signal(image.stop_signal());
  }
  auto& labels = *config.mutable_labels()->mutable_values();
  for (const auto& [name, value] : image.labels()) {
    labels.insert({name, value});
  }
  if (config.shell().values_size() == 0 && image.has_shell()) {
    *config.mutable_shell() = image.shell();
  }
  MergePorts(image, config);
  MergeEnv(image, config);
  MergeVolumes(image, config);
  MergeCommand(image, config);
  MergeHealth(image, config);
}

}  // namespace tug::gatewayd
