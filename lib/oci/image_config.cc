// SPDX-License-Identifier: Apache-2.0
#include "lib/oci/image_config.h"

#include "absl/strings/str_cat.h"
#include "boost/json/serialize.hpp"
#include "boost/json/value.hpp"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/oci/config_limits.h"
#include "lib/oci/json.h"
#include "lib/oci/manifest.h"

namespace tug::oci {
namespace {

namespace json = boost::json;

// Most history entries: a layer each and as many empty ones again, and more.
constexpr size_t kMaxHistory = 4096;

// Times that cannot be read count as absent, as with Docker's old images.
std::optional<absl::Time> ReadTime(const json::object& object,
                                   absl::string_view key) {
  std::string text;
  if (!ReadString(object, key, text).ok() || text.empty()) return std::nullopt;
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, &error)) {
    return std::nullopt;
  }
  return time;
}

absl::Status ReadOptionalStrings(
    const json::object& object, absl::string_view key,
    std::optional<std::vector<std::string>>& target) {
  ASSIGN_OR_RETURN(const json::array* array, ReadArray(object, key));
  if (array == nullptr) return absl::OkStatus();
  target.emplace();
  return ReadStrings(object, key, *target);
}

absl::StatusOr<HealthProbe> ParseHealth(const json::object& object) {
  HealthProbe probe;
  RETURN_IF_ERROR(ReadStrings(object, "Test", probe.test));
  RETURN_IF_ERROR(ReadInteger(object, "Interval", probe.interval));
  RETURN_IF_ERROR(ReadInteger(object, "Timeout", probe.timeout));
  RETURN_IF_ERROR(ReadInteger(object, "StartPeriod", probe.start_period));
  RETURN_IF_ERROR(ReadInteger(object, "StartInterval", probe.start_interval));
  RETURN_IF_ERROR(ReadInteger(object, "Retries", probe.retries));
  return probe;
}

absl::Status ParseDefaults(const json::object& object,
                           ContainerDefaults& defaults) {
  RETURN_IF_ERROR(ReadString(object, "User", defaults.user));
  RETURN_IF_ERROR(ReadKeys(object, "ExposedPorts", defaults.exposed_ports));
  RETURN_IF_ERROR(ReadStrings(object, "Env", defaults.env));
  RETURN_IF_ERROR(
      ReadOptionalStrings(object, "Entrypoint", defaults.entrypoint));
  RETURN_IF_ERROR(ReadOptionalStrings(object, "Cmd", defaults.cmd));
  RETURN_IF_ERROR(ReadKeys(object, "Volumes", defaults.volumes));
  RETURN_IF_ERROR(ReadString(object, "WorkingDir", defaults.working_dir));
  RETURN_IF_ERROR(ReadStringMap(object, "Labels", defaults.labels));
  RETURN_IF_ERROR(ReadString(object, "StopSignal", defaults.stop_signal));
  RETURN_IF_ERROR(ReadStrings(object, "OnBuild", defaults.on_build));
  RETURN_IF_ERROR(ReadOptionalStrings(object, "Shell", defaults.shell));
  RETURN_IF_ERROR(ReadBool(object, "ArgsEscaped", defaults.args_escaped));
  ASSIGN_OR_RETURN(const json::object* health,
                   ReadObject(object, "Healthcheck"));
  if (health != nullptr) {
    ASSIGN_OR_RETURN(defaults.healthcheck, ParseHealth(*health));
  }
  return absl::OkStatus();
}

absl::Status ParseRootFs(const json::object& object, ImageConfig& config) {
  ASSIGN_OR_RETURN(const json::object* rootfs, ReadObject(object, "rootfs"));
  if (rootfs == nullptr) return absl::OkStatus();
  std::vector<std::string> diff_ids;
  RETURN_IF_ERROR(ReadStrings(*rootfs, "diff_ids", diff_ids));
  if (diff_ids.size() > kMaxLayers) {
    return absl::InvalidArgumentError(absl::StrCat(
        diff_ids.size(), " layers, at most ", kMaxLayers, " are accepted"));
  }
  for (const std::string& text : diff_ids) {
    ASSIGN_OR_RETURN(Digest digest, Digest::Parse(text));
    config.diff_ids.push_back(std::move(digest));
  }
  return absl::OkStatus();
}

absl::Status ParseHistory(const json::object& object, ImageConfig& config) {
  ASSIGN_OR_RETURN(const json::array* history, ReadArray(object, "history"));
  if (history == nullptr) return absl::OkStatus();
  if (history->size() > kMaxHistory) {
    return absl::InvalidArgumentError("\"history\" is too long");
  }
  for (const json::value& value : *history) {
    if (!value.is_object()) {
      return absl::InvalidArgumentError("\"history\" is not a list of objects");
    }
    const json::object& step = value.get_object();
    HistoryEntry entry;
    entry.created = ReadTime(step, "created").value_or(absl::UnixEpoch());
    RETURN_IF_ERROR(ReadString(step, "created_by", entry.created_by));
    RETURN_IF_ERROR(ReadString(step, "author", entry.author));
    RETURN_IF_ERROR(ReadString(step, "comment", entry.comment));
    RETURN_IF_ERROR(ReadBool(step, "empty_layer", entry.empty_layer));
    config.history.push_back(std::move(entry));
  }
  return absl::OkStatus();
}

absl::StatusOr<ImageConfig> Parse(absl::string_view text) {
  ASSIGN_OR_RETURN(const json::object object, ParseDocument(text, "content"));
  ImageConfig config;
  config.created = ReadTime(object, "created");
  RETURN_IF_ERROR(ReadString(object, "author", config.author));
  ASSIGN_OR_RETURN(config.platform, ParsePlatform(object));
  ASSIGN_OR_RETURN(const json::object* defaults, ReadObject(object, "config"));
  if (defaults != nullptr) {
    RETURN_IF_ERROR(ParseDefaults(*defaults, config.config));
  }
  RETURN_IF_ERROR(ParseRootFs(object, config));
  RETURN_IF_ERROR(ParseHistory(object, config));
  return config;
}

json::array ToArray(const std::vector<std::string>& values) {
  json::array array;
  for (const std::string& value : values) {
    array.emplace_back(json::string_view(value));
  }
  return array;
}

json::object ToKeys(const std::vector<std::string>& values) {
  json::object object;
  for (const std::string& value : values) object[value] = json::object();
  return object;
}

std::string TimeText(absl::Time time) {
  return absl::FormatTime("%E4Y-%m-%dT%H:%M:%E*SZ", time, absl::UTCTimeZone());
}

json::object HealthToJson(const HealthProbe& probe) {
  json::object object;
  object["Test"] = ToArray(probe.test);
  const std::pair<const char*, int64_t> numbers[] = {
      {"Interval", probe.interval},
      {"Timeout", probe.timeout},
      {"StartPeriod", probe.start_period},
      {"StartInterval", probe.start_interval},
      {"Retries", probe.retries}};
  for (const auto& [key, value] : numbers) {
    if (value != 0) object[key] = value;
  }
  return object;
}

json::object DefaultsToJson(const ContainerDefaults& defaults) {
  json::object object;
  if (!defaults.user.empty()) object["User"] = defaults.user;
  if (!defaults.exposed_ports.empty()) {
    object["ExposedPorts"] = ToKeys(defaults.exposed_ports);
  }
  if (!defaults.env.empty()) object["Env"] = ToArray(defaults.env);
  if (defaults.entrypoint) object["Entrypoint"] = ToArray(*defaults.entrypoint);
  if (defaults.cmd) object["Cmd"] = ToArray(*defaults.cmd);
  if (defaults.healthcheck) {
    object["Healthcheck"] = HealthToJson(*defaults.healthcheck);
  }
  if (!defaults.volumes.empty()) object["Volumes"] = ToKeys(defaults.volumes);
  if (!defaults.working_dir.empty()) {
    object["WorkingDir"] = defaults.working_dir;
  }
  if (!defaults.on_build.empty()) {
    object["OnBuild"] = ToArray(defaults.on_build);
  }
  if (!defaults.labels.empty()) {
    json::object labels;
    for (const auto& [key, value] : defaults.labels) labels[key] = value;
    object["Labels"] = std::move(labels);
  }
  if (!defaults.stop_signal.empty()) {
    object["StopSignal"] = defaults.stop_signal;
  }
  if (defaults.shell) object["Shell"] = ToArray(*defaults.shell);
  if (defaults.args_escaped) object["ArgsEscaped"] = true;
  return object;
}

json::array HistoryToJson(const std::vector<HistoryEntry>& history) {
  json::array array;
  for (const HistoryEntry& entry : history) {
    json::object step;
    step["created"] = TimeText(entry.created);
    if (!entry.created_by.empty()) step["created_by"] = entry.created_by;
    if (!entry.author.empty()) step["author"] = entry.author;
    if (!entry.comment.empty()) step["comment"] = entry.comment;
    if (entry.empty_layer) step["empty_layer"] = true;
    array.push_back(std::move(step));
  }
  return array;
}

}  // namespace

absl::StatusOr<ImageConfig> ParseImageConfig(absl::string_view text) {
  absl::StatusOr<ImageConfig> config = Parse(text);
  if (config.ok()) return config;
  return WithReason(Annotate(config.status(), "image config"),
                    "MANIFEST_INVALID");
}

absl::Status CheckImageConfigSize(const ImageConfig& config) {
  const ContainerDefaults& defaults = config.config;
  ConfigSize size = {.labels = BytesOfMap(defaults.labels),
                     .environment = BytesOf(defaults.env)};
  if (defaults.entrypoint) size.command += BytesOf(*defaults.entrypoint);
  if (defaults.cmd) size.command += BytesOf(*defaults.cmd);
  if (defaults.healthcheck) {
    size.health_test = BytesOf(defaults.healthcheck->test);
  }
  const absl::Status fits = CheckConfigSize(size, kImageLimits);
  if (fits.ok()) return fits;
  return WithReason(Annotate(fits, "image configuration"), "MANIFEST_INVALID");
}

std::string SerializeImageConfig(const ImageConfig& config) {
  json::object object;
  if (config.created) object["created"] = TimeText(*config.created);
  if (!config.author.empty()) object["author"] = config.author;
  object["architecture"] = config.platform.architecture;
  if (!config.platform.variant.empty()) {
    object["variant"] = config.platform.variant;
  }
  object["os"] = config.platform.os;
  object["config"] = DefaultsToJson(config.config);
  json::object rootfs;
  json::array diff_ids;
  for (const Digest& diff_id : config.diff_ids) {
    diff_ids.emplace_back(json::string_view(diff_id.ToString()));
  }
  rootfs["type"] = "layers";
  rootfs["diff_ids"] = std::move(diff_ids);
  object["rootfs"] = std::move(rootfs);
  object["history"] = HistoryToJson(config.history);
  return json::serialize(object);
}

}  // namespace tug::oci
