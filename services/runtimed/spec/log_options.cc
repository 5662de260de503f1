// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/spec/log_options.h"

#include <regex.h>

#include <boost/json.hpp>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "lib/base/id.h"
#include "lib/base/status_macros.h"
#include "services/runtimed/spec/spec_error.h"

namespace tug::runtimed {
namespace {

constexpr int kMaxFiles = 1000;
// The "local" driver's own defaults.
constexpr uint64_t kLocalSize = 20 << 20;
constexpr int kLocalFiles = 5;

constexpr absl::string_view kKnown[] = {
    "max-size",  "max-file", "labels",   "labels-regex",    "env",
    "env-regex", "tag",      "compress", "max-buffer-size", "mode"};

bool IsKnown(absl::string_view name) {
  for (absl::string_view known : kKnown) {
    if (name == known) return true;
  }
  return false;
}

std::string Option(const runtime::v1::LogConfig& config, const char* key) {
  const auto found = config.config().values().find(key);
  return found == config.config().values().end() ? std::string()
                                                 : found->second;
}

absl::Status CheckRegex(const std::string& pattern) {
  if (pattern.empty()) return absl::OkStatus();
  regex_t compiled;
  if (regcomp(&compiled, pattern.c_str(), REG_EXTENDED | REG_NOSUB) != 0) {
    return SpecError(absl::StrCat("invalid regular expression: ", pattern));
  }
  regfree(&compiled);
  return absl::OkStatus();
}

// Adds the pairs whose key `names` lists or `pattern` fits.
void Select(const std::map<std::string, std::string>& all,
            const std::string& names, const std::string& pattern,
            std::map<std::string, std::string>& chosen) {
  for (absl::string_view name : absl::StrSplit(names, ',', absl::SkipEmpty())) {
    const auto found = all.find(std::string(name));
    if (found != all.end()) chosen.insert(*found);
  }
  regex_t compiled;
  if (pattern.empty() ||
      regcomp(&compiled, pattern.c_str(), REG_EXTENDED | REG_NOSUB) != 0) {
    return;
  }
  for (const auto& pair : all) {
    if (regexec(&compiled, pair.first.c_str(), 0, nullptr, 0) == 0) {
      chosen.insert(pair);
    }
  }
  regfree(&compiled);
}

std::string ExpandTag(const std::string& tag,
                      const runtime::v1::Container& container) {
  return absl::StrReplaceAll(tag,
                             {{"{{.ID}}", ShortId(container.id())},
                              {"{{.FullID}}", container.id()},
                              {"{{.Name}}", container.name()},
                              {"{{.ImageID}}", container.image_id()},
                              {"{{.ImageName}}", container.config().image()},
                              {"{{.DaemonName}}", "tug"}});
}

std::map<std::string, std::string> Attributes(
    const runtime::v1::Container& container) {
  const runtime::v1::LogConfig& config = container.host_config().log_config();
  const auto& map = container.config().labels().values();
  const std::map<std::string, std::string> labels(map.begin(), map.end());
  std::map<std::string, std::string> environment;
  for (const std::string& entry : container.config().env().values()) {
    const std::pair<std::string, std::string> pair =
        absl::StrSplit(entry, absl::MaxSplits('=', 1));
    environment[pair.first] = pair.second;
  }
  std::map<std::string, std::string> chosen;
  Select(labels, Option(config, "labels"), Option(config, "labels-regex"),
         chosen);
  Select(environment, Option(config, "env"), Option(config, "env-regex"),
         chosen);
  const std::string tag = Option(config, "tag");
  if (!tag.empty()) chosen["tag"] = ExpandTag(tag, container);
  return chosen;
}

std::string UrlEncode(absl::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte) || c == '-' || c == '_' || c == '.' ||
        c == '~') {
      encoded += c;
    } else if (c == ' ') {
      encoded += '+';
    } else {
      absl::StrAppend(&encoded, "%",
                      absl::AsciiStrToUpper(
                          absl::StrCat(absl::Hex(byte, absl::kZeroPad2))));
    }
  }
  return encoded;
}

}  // namespace

absl::StatusOr<uint64_t> ParseSize(absl::string_view text) {
  const std::string lower = absl::AsciiStrToLower(text);
  absl::string_view digits = lower;
  if (!digits.empty() && digits.back() == 'b') digits.remove_suffix(1);
  uint64_t unit = 1;
  if (!digits.empty()) {
    constexpr absl::string_view kUnits = "kmgt";
    const size_t power = kUnits.find(digits.back());
    if (power != absl::string_view::npos) {
      unit = uint64_t{1} << (10 * (power + 1));
      digits.remove_suffix(1);
    }
  }
  double number = 0;
  if (!absl::SimpleAtod(digits, &number) || !(number >= 0) ||
      number * static_cast<double>(unit) > 9e18) {
    return SpecError(absl::StrCat("invalid size: '", text, "'"));
  }
  return static_cast<uint64_t>(number * static_cast<double>(unit));
}

absl::StatusOr<LogOptions> ParseLogOptions(
    const runtime::v1::LogConfig& config) {
  LogOptions options;
  const std::string& type = config.type();
  if (type == "none") {
    options.keep = false;
    return options;
  }
  if (type == "local") {
    options.max_size = kLocalSize;
    options.max_files = kLocalFiles;
  } else if (!type.empty() && type != "json-file") {
    return SpecError(
        absl::StrCat("logger: no log driver named '", type,
                     "' is registered; use json-file, local or none"));
  }
  for (const auto& [key, value] : config.config().values()) {
    if (!IsKnown(key)) {
      return SpecError(absl::StrCat("unknown log opt '", key, "' for ",
                                    type.empty() ? "json-file" : type,
                                    " log driver"));
    }
  }
  if (const std::string size = Option(config, "max-size");
      !size.empty() && size != "-1") {
    ASSIGN_OR_RETURN(options.max_size, ParseSize(size));
    if (options.max_size == 0) {
      return SpecError("max-size should be a positive number");
    }
  }
  if (const std::string files = Option(config, "max-file"); !files.empty()) {
    if (!absl::SimpleAtoi(files, &options.max_files) || options.max_files < 1 ||
        options.max_files > kMaxFiles) {
      return SpecError("max-file cannot be less than 1 or more than 1000");
    }
  }
  if (Option(config, "compress") == "true") {
    return SpecError("log opt 'compress' is not supported yet");
  }
  RETURN_IF_ERROR(CheckRegex(Option(config, "labels-regex")));
  RETURN_IF_ERROR(CheckRegex(Option(config, "env-regex")));
  return options;
}

std::string LogAttributes(const runtime::v1::Container& container) {
  const std::map<std::string, std::string> chosen = Attributes(container);
  if (chosen.empty()) return std::string();
  boost::json::object object;
  for (const auto& [key, value] : chosen) object[key] = value;
  return boost::json::serialize(object);
}

std::string LogDetails(const runtime::v1::Container& container) {
  std::vector<std::string> pairs;
  for (const auto& [key, value] : Attributes(container)) {
    pairs.push_back(absl::StrCat(UrlEncode(key), "=", UrlEncode(value)));
  }
  return absl::StrJoin(pairs, ",");
}

}  // namespace tug::runtimed
