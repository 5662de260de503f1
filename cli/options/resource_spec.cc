// SPDX-License-Identifier: Apache-2.0
#include "cli/options/resource_spec.h"

#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace tug::cli {
namespace {

namespace json = boost::json;

absl::Status Invalid(const std::string& text) {
  return absl::InvalidArgumentError(text);
}

}  // namespace

absl::StatusOr<json::object> ParseRestartPolicy(const std::string& text) {
  const size_t colon = text.find(':');
  const std::string name = text.substr(0, colon);
  int64_t count = 0;
  if (colon != std::string::npos) {
    if (!absl::SimpleAtoi(text.substr(colon + 1), &count) || count < 0) {
      return Invalid(
          "invalid restart policy format: maximum retry count must "
          "be an integer");
    }
  }
  if (name.empty()) {
    return Invalid(
        "invalid restart policy format: no policy provided before "
        "colon");
  }
  return json::object{{"Name", name}, {"MaximumRetryCount", count}};
}

absl::StatusOr<json::object> ParseUlimit(const std::string& text) {
  const std::pair<std::string, std::string> sides =
      absl::StrSplit(text, absl::MaxSplits('=', 1));
  const std::vector<std::string> limits = absl::StrSplit(sides.second, ':');
  int64_t soft = 0;
  int64_t hard = 0;
  if (sides.first.empty() || limits.size() > 2 ||
      !absl::SimpleAtoi(limits[0], &soft) ||
      !absl::SimpleAtoi(limits.back(), &hard)) {
    return Invalid(absl::StrCat("invalid ulimit argument: ", text));
  }
  if (soft > hard && hard != -1) {
    return Invalid(
        absl::StrCat("ulimit soft limit must be less than or equal "
                     "to hard limit: ",
                     soft, " > ", hard));
  }
  return json::object{{"Name", sides.first}, {"Soft", soft}, {"Hard", hard}};
}

absl::StatusOr<json::object> ParseDevice(const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(text, ':');
  const auto is_mode = [](const std::string& part) {
    return !part.empty() && part.find_first_not_of("rwm") == std::string::npos;
  };
  std::string inside = parts[0];
  std::string mode = "rwm";
  if (parts.size() == 2 && is_mode(parts[1])) {
    mode = parts[1];
  } else if (parts.size() >= 2) {
    inside = parts[1];
  }
  if (parts.size() == 3) mode = parts[2];
  if (parts.size() > 3 || parts[0].empty() || !is_mode(mode)) {
    return Invalid(absl::StrCat("invalid device specification: ", text));
  }
  return json::object{{"PathOnHost", parts[0]},
                      {"PathInContainer", inside},
                      {"CgroupPermissions", mode}};
}

}  // namespace tug::cli
