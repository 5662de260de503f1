// SPDX-License-Identifier: Apache-2.0
#include "services/tugd/config.h"

#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "boost/json.hpp"
#include "lib/base/status_macros.h"
#include "lib/program/load_config.h"
#include "services/tugd/services.h"

namespace tug::tugd {
namespace {

namespace json = boost::json;

constexpr char kDefaultPath[] = "/etc/tug/tug.json";
constexpr char kOwnSection[] = "tugd";
constexpr int kStopTimeoutSeconds = 10;

TugdConfig Defaults() {
  TugdConfig config;
  config.set_run_directory("/run/tug");
  config.set_state_directory("/var/lib/tug");
  config.set_group("tug");
  config.set_gateway_user("tug-gateway");
  config.set_registry_user("tug-registry");
  config.set_log_level("info");
  config.set_stop_timeout_seconds(kStopTimeoutSeconds);
  return config;
}

absl::Status Invalid(absl::string_view path, absl::string_view problem) {
  return absl::InvalidArgumentError(absl::StrCat(path, ": ", problem));
}

absl::StatusOr<json::object> ReadFile(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, ReadConfigText(path));
  json::error_code error;
  json::value value = json::parse(text, error);
  if (error) return Invalid(path, absl::StrCat("not JSON: ", error.message()));
  if (!value.is_object()) return Invalid(path, "a JSON object is needed");
  return std::move(value.get_object());
}

absl::Status CheckSections(const json::object& file, const std::string& path) {
  for (const auto& pair : file) {
    const std::string name(pair.key());
    if (name != kOwnSection && FindService(name) == nullptr) {
      return Invalid(path, absl::StrCat("unknown section ", name,
                                        "; a section is tugd or a service"));
    }
    if (!pair.value().is_object()) {
      return Invalid(path, absl::StrCat("section ", name, " is no object"));
    }
  }
  return absl::OkStatus();
}

// Every service must look for the sockets where tugd puts them.
absl::Status SetDirectory(json::object& section, absl::string_view key,
                          const std::string& directory,
                          const std::string& place) {
  json::value& value =
      section.emplace(json::string_view(key.data(), key.size()), directory)
          .first->value();
  if (value.is_string() && value.get_string() == directory) {
    return absl::OkStatus();
  }
  return Invalid(place, absl::StrCat(key, " differs from that of tugd, ",
                                     directory));
}

absl::StatusOr<std::string> MakeSection(const json::object& file,
                                        const std::string& name,
                                        const std::string& path,
                                        const TugdConfig& config) {
  const json::value* found = file.if_contains(name);
  json::object section = found == nullptr ? json::object() : found->as_object();
  const std::string place = absl::StrCat(path, ": ", name);
  RETURN_IF_ERROR(SetDirectory(section, "run-directory",
                               config.run_directory(), place));
  RETURN_IF_ERROR(SetDirectory(section, "state-directory",
                               config.state_directory(), place));
  return json::serialize(section);
}

std::string PathOf(const ProgramOptions& options) {
  if (!options.config_path.empty()) return options.config_path;
  return access(kDefaultPath, F_OK) == 0 ? kDefaultPath : "";
}

}  // namespace

absl::StatusOr<EngineConfig> LoadEngineConfig(const ProgramOptions& options) {
  const std::string path = PathOf(options);
  json::object file;
  if (!path.empty()) {
    ASSIGN_OR_RETURN(file, ReadFile(path));
  }
  RETURN_IF_ERROR(CheckSections(file, path));
  EngineConfig config = {Defaults(), {}};
  if (const json::value* own = file.if_contains(kOwnSection)) {
    RETURN_IF_ERROR(MergeConfigText(json::serialize(*own),
                                    absl::StrCat(path, ": tugd"),
                                    config.tugd));
  }
  RETURN_IF_ERROR(LoadConfigInto({"", options.overrides}, config.tugd));
  for (const Service& service : kServices) {
    ASSIGN_OR_RETURN(config.sections[service.name],
                     MakeSection(file, service.name, path, config.tugd));
  }
  return config;
}

}  // namespace tug::tugd
