// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/translate/health_instruction.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "lib/base/status_macros.h"
#include "services/gatewayd/translate/go_duration.h"

namespace tug::gatewayd {
namespace {

using image::v1::HealthConfig;

constexpr int64_t kShortest = 1'000'000;  // 1 ms in nanoseconds.

absl::Status Error(absl::string_view why) {
  return absl::InvalidArgumentError(why);
}

using Flags = std::map<std::string, std::string>;

absl::StatusOr<Flags> ReadFlags(const std::vector<std::string>& given) {
  Flags flags = {{"interval", ""},
                 {"timeout", ""},
                 {"start-period", ""},
                 {"start-interval", ""},
                 {"retries", ""}};
  std::map<std::string, bool> seen;
  for (const std::string& flag : given) {
    const size_t equals = flag.find('=');
    const std::string name(
        absl::StripPrefix(absl::string_view(flag).substr(0, equals), "--"));
    const auto known = flags.find(name);
    if (known == flags.end()) return UnknownFlag(flag);
    if (seen[name]) {
      return Error(absl::StrCat("duplicate flag specified: --", name));
    }
    seen[name] = true;
    if (equals == flag.npos) {
      return Error(absl::StrCat("missing a value on flag: --", name));
    }
    known->second = flag.substr(equals + 1);
  }
  return flags;
}

absl::StatusOr<int64_t> ReadTime(const Flags& flags, const char* name) {
  const std::string& text = flags.at(name);
  if (text.empty()) return 0;
  ASSIGN_OR_RETURN(const int64_t time, ParseGoDuration(text));
  if (time != 0 && time < kShortest) {
    return Error(
        absl::StrCat("Interval \"", name, "\" cannot be less than 1ms"));
  }
  return time;
}

absl::StatusOr<int64_t> ReadRetries(const std::string& text) {
  if (text.empty()) return 0;
  int64_t wide = 0;
  int32_t retries = 0;
  if (!absl::SimpleAtoi(text, &retries)) {
    return Error(absl::StrCat("strconv.ParseInt: parsing \"", text, "\": ",
                              absl::SimpleAtoi(text, &wide)
                                  ? "value out of range"
                                  : "invalid syntax"));
  }
  if (retries < 0) {
    return Error(absl::StrCat("--retries cannot be negative (", retries, ")"));
  }
  return retries;
}

absl::StatusOr<std::vector<std::string>> ReadTest(const std::string& type,
                                                  absl::string_view command) {
  if (type != "CMD") {
    return Error(
        absl::StrCat("Unknown type \"", type, "\" in HEALTHCHECK (try CMD)"));
  }
  ASSIGN_OR_RETURN(const auto array, dockerfile::ReadArray(command));
  if (array.has_value() ? array->empty() : command.empty()) {
    return Error("Missing command after HEALTHCHECK CMD");
  }
  std::vector<std::string> test;
  if (array.has_value()) {
    test = {"CMD"};
    test.insert(test.end(), array->begin(), array->end());
  } else {
    test = {"CMD-SHELL", std::string(command)};
  }
  return test;
}

}  // namespace

absl::Status UnknownFlag(absl::string_view flag) {
  return Error(absl::StrCat("unknown flag: ", flag.substr(0, flag.find('='))));
}

absl::StatusOr<HealthConfig> ReadHealthInstruction(
    const dockerfile::Instruction& instruction) {
  const absl::string_view text = instruction.arguments;
  if (text.empty()) return Error("HEALTHCHECK requires at least one argument");
  size_t end = 0;
  while (end < text.size() && !absl::ascii_isspace(text[end])) ++end;
  const std::string type = absl::AsciiStrToUpper(text.substr(0, end));
  const absl::string_view command =
      absl::StripLeadingAsciiWhitespace(text.substr(end));
  HealthConfig health;
  if (type == "NONE") {
    if (!command.empty()) return Error("HEALTHCHECK NONE takes no arguments");
    health.add_test(type);
    return health;
  }
  ASSIGN_OR_RETURN(const Flags flags, ReadFlags(instruction.flags));
  ASSIGN_OR_RETURN(const std::vector<std::string> test,
                   ReadTest(type, command));
  health.mutable_test()->Assign(test.begin(), test.end());
  ASSIGN_OR_RETURN(const int64_t interval, ReadTime(flags, "interval"));
  ASSIGN_OR_RETURN(const int64_t timeout, ReadTime(flags, "timeout"));
  ASSIGN_OR_RETURN(const int64_t start_period, ReadTime(flags, "start-period"));
  ASSIGN_OR_RETURN(const int64_t start_interval,
                   ReadTime(flags, "start-interval"));
  ASSIGN_OR_RETURN(const int64_t retries, ReadRetries(flags.at("retries")));
  health.set_interval(interval);
  health.set_timeout(timeout);
  health.set_start_period(start_period);
  health.set_start_interval(start_interval);
  health.set_retries(retries);
  return health;
}

}  // namespace tug::gatewayd
