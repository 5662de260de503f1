// SPDX-License-Identifier: Apache-2.0
#include "lib/cgroup/devices.h"

#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/status_macros.h"
#include "lib/cgroup/control_file.h"

namespace tug::cgroup {
namespace {

bool ParseNumber(absl::string_view text, std::optional<uint32_t>& number) {
  if (text == "*") return true;
  uint32_t value = 0;
  if (!absl::SimpleAtoi(text, &value)) return false;
  number = value;
  return true;
}

std::string FormatNumber(const std::optional<uint32_t>& number) {
  return number.has_value() ? absl::StrCat(*number) : std::string("*");
}

bool IsAccess(absl::string_view text) {
  return !text.empty() && text.size() <= 3 &&
         text.find_first_not_of("rwm") == absl::string_view::npos;
}

}  // namespace

absl::StatusOr<DeviceRule> ParseDeviceRule(absl::string_view text) {
  const absl::Status error = absl::InvalidArgumentError(
      absl::StrCat("invalid device cgroup rule '", text,
                   "': give \"type major:minor "
                   "access\", such as \"c 42:* rwm\""));
  const std::vector<absl::string_view> words = absl::StrSplit(text, ' ');
  if (words.size() != 3 || words[0].size() != 1) return error;
  const std::vector<absl::string_view> numbers = absl::StrSplit(words[1], ':');
  DeviceRule rule;
  rule.type = words[0][0];
  rule.access = std::string(words[2]);
  if (numbers.size() != 2 || !IsAccess(rule.access)) return error;
  if (rule.type != 'a' && rule.type != 'b' && rule.type != 'c') return error;
  if (!ParseNumber(numbers[0], rule.major)) return error;
  if (!ParseNumber(numbers[1], rule.minor)) return error;
  return rule;
}

std::string FormatDeviceRule(const DeviceRule& rule) {
  return absl::StrCat(std::string(1, rule.type), " ", FormatNumber(rule.major),
                      ":", FormatNumber(rule.minor), " ", rule.access);
}

absl::Status ApplyDevicesV1(int directory,
                            const std::vector<DeviceRule>& rules) {
  for (const DeviceRule& rule : rules) {
    const char* file = rule.allow ? "devices.allow" : "devices.deny";
    // A single "a" resets the whole list; with numbers it would not.
    const std::string text =
        rule.type == 'a' ? std::string("a") : FormatDeviceRule(rule);
    RETURN_IF_ERROR(WriteControl(directory, file, text));
  }
  return absl::OkStatus();
}

}  // namespace tug::cgroup
