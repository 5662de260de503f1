// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/spec/seccomp_profile.h"

#include <boost/json.hpp>
#include <cerrno>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/status_macros.h"
#include "services/runtimed/spec/host_kernel.h"
#include "services/runtimed/spec/spec_error.h"

namespace tug::runtimed {
namespace {

namespace json = boost::json;
using kernel::SeccompAction;
using kernel::SeccompCompare;

// Most rules of one profile.
constexpr size_t kMaxRules = 4096;

absl::Status ProfileError(absl::string_view text) {
  return SpecError(absl::StrCat("invalid seccomp profile: ", text));
}

absl::string_view Text(const json::value* value) {
  if (value == nullptr || !value->is_string()) return {};
  return {value->get_string().data(), value->get_string().size()};
}

absl::StatusOr<SeccompAction> ParseAction(absl::string_view name) {
  struct Row {
    const char* name;
    SeccompAction action;
  };
  static constexpr Row kRows[] = {
      {"SCMP_ACT_ALLOW", SeccompAction::kAllow},
      {"SCMP_ACT_ERRNO", SeccompAction::kErrno},
      {"SCMP_ACT_KILL", SeccompAction::kKillThread},
      {"SCMP_ACT_KILL_THREAD", SeccompAction::kKillThread},
      {"SCMP_ACT_KILL_PROCESS", SeccompAction::kKillProcess},
      {"SCMP_ACT_TRAP", SeccompAction::kTrap},
      {"SCMP_ACT_TRACE", SeccompAction::kTrace},
      {"SCMP_ACT_LOG", SeccompAction::kLog},
  };
  for (const Row& row : kRows) {
    if (name == row.name) return row.action;
  }
  return ProfileError(absl::StrCat("unknown action \"", name, "\""));
}

absl::StatusOr<SeccompCompare> ParseCompare(absl::string_view name) {
  struct Row {
    const char* name;
    SeccompCompare compare;
  };
  static constexpr Row kRows[] = {
      {"SCMP_CMP_NE", SeccompCompare::kNotEqual},
      {"SCMP_CMP_LT", SeccompCompare::kLess},
      {"SCMP_CMP_LE", SeccompCompare::kLessOrEqual},
      {"SCMP_CMP_EQ", SeccompCompare::kEqual},
      {"SCMP_CMP_GE", SeccompCompare::kGreaterOrEqual},
      {"SCMP_CMP_GT", SeccompCompare::kGreater},
      {"SCMP_CMP_MASKED_EQ", SeccompCompare::kMaskedEqual},
  };
  for (const Row& row : kRows) {
    if (name == row.name) return row.compare;
  }
  return ProfileError(absl::StrCat("unknown comparison \"", name, "\""));
}

absl::StatusOr<uint64_t> Number(const json::object& object, const char* key,
                                uint64_t absent) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || value->is_null()) return absent;
  if (value->is_uint64()) return value->get_uint64();
  if (value->is_int64() && value->get_int64() >= 0) {
    return static_cast<uint64_t>(value->get_int64());
  }
  return ProfileError(absl::StrCat("\"", key, "\" is no whole number"));
}

// Whether any string of the list passes `holds`.
template <typename Predicate>
bool Any(const json::object& condition, const char* key, Predicate holds) {
  const json::value* list = condition.if_contains(key);
  if (list == nullptr || !list->is_array()) return false;
  for (const json::value& item : list->get_array()) {
    if (holds(Text(&item))) return true;
  }
  return false;
}

bool Lists(const json::object& condition, const char* key) {
  const json::value* list = condition.if_contains(key);
  return list != nullptr && list->is_array() && !list->get_array().empty();
}

bool IsThisArchitecture(absl::string_view name) {
#if defined(__x86_64__)
  return name == "amd64" || name == "x86_64";
#else
  return name == "arm64" || name == "aarch64";
#endif
}

bool Conditions(const json::object& rule, kernel::CapabilitySet capabilities) {
  const auto held = [&](absl::string_view name) {
    const auto number = kernel::CapabilityNumber(name);
    return number.has_value() && (capabilities >> *number & 1) != 0;
  };
  if (const json::value* v = rule.if_contains("includes");
      v != nullptr && v->is_object()) {
    const json::object& includes = v->get_object();
    if (Lists(includes, "arches") &&
        !Any(includes, "arches", IsThisArchitecture)) {
      return false;
    }
    const bool lacks_one = Any(
        includes, "caps", [&](absl::string_view name) { return !held(name); });
    if (lacks_one) return false;
    const absl::string_view kernel = Text(includes.if_contains("minKernel"));
    if (!kernel.empty() && !KernelIsAtLeast(kernel)) return false;
  }
  if (const json::value* v = rule.if_contains("excludes");
      v != nullptr && v->is_object()) {
    const json::object& excludes = v->get_object();
    if (Any(excludes, "arches", IsThisArchitecture)) return false;
    if (Any(excludes, "caps", held)) return false;
    const absl::string_view kernel = Text(excludes.if_contains("minKernel"));
    if (!kernel.empty() && KernelIsAtLeast(kernel)) return false;
  }
  return true;
}

absl::Status ParseArguments(const json::object& object,
                            kernel::SeccompRule& rule) {
  const json::value* list = object.if_contains("args");
  if (list == nullptr || list->is_null()) return absl::OkStatus();
  if (!list->is_array()) return ProfileError("\"args\" is no list");
  for (const json::value& item : list->get_array()) {
    if (!item.is_object()) return ProfileError("an argument is no object");
    const json::object& fields = item.get_object();
    kernel::SeccompArgument argument;
    ASSIGN_OR_RETURN(const uint64_t index, Number(fields, "index", 0));
    if (index > 5) return ProfileError("argument index is above 5");
    argument.index = static_cast<uint32_t>(index);
    ASSIGN_OR_RETURN(argument.value, Number(fields, "value", 0));
    ASSIGN_OR_RETURN(argument.value_two, Number(fields, "valueTwo", 0));
    ASSIGN_OR_RETURN(argument.compare,
                     ParseCompare(Text(fields.if_contains("op"))));
    rule.arguments.push_back(argument);
  }
  return absl::OkStatus();
}

absl::StatusOr<kernel::SeccompRule> ParseRule(const json::object& object) {
  kernel::SeccompRule rule;
  ASSIGN_OR_RETURN(rule.action,
                   ParseAction(Text(object.if_contains("action"))));
  ASSIGN_OR_RETURN(const uint64_t value, Number(object, "errnoRet", EPERM));
  rule.value = static_cast<uint32_t>(value & 0xffff);
  if (const absl::string_view name = Text(object.if_contains("name"));
      !name.empty()) {
    rule.names.emplace_back(name);
  }
  if (const json::value* names = object.if_contains("names");
      names != nullptr && names->is_array()) {
    for (const json::value& name : names->get_array()) {
      rule.names.emplace_back(Text(&name));
    }
  }
  if (rule.names.empty()) return ProfileError("a rule names no call");
  RETURN_IF_ERROR(ParseArguments(object, rule));
  return rule;
}

}  // namespace

absl::StatusOr<kernel::SeccompPolicy> ParseSeccompProfile(
    absl::string_view text, kernel::CapabilitySet capabilities) {
  if (text.size() > kMaxSeccompProfile) {
    return ProfileError("it is larger than 1 MiB");
  }
  json::error_code error;
  const json::value root =
      json::parse(json::string_view(text.data(), text.size()), error);
  if (error) {
    return SpecError(
        absl::StrCat("Decoding seccomp profile failed: ", error.message()));
  }
  if (!root.is_object()) return ProfileError("it is no JSON object");
  const json::object& object = root.get_object();
  kernel::SeccompPolicy policy;
  ASSIGN_OR_RETURN(policy.default_action,
                   ParseAction(Text(object.if_contains("defaultAction"))));
  ASSIGN_OR_RETURN(const uint64_t value,
                   Number(object, "defaultErrnoRet", EPERM));
  policy.default_value = static_cast<uint32_t>(value & 0xffff);
  policy.foreign_architectures =
      Lists(object, "architectures") || Lists(object, "archMap");
  const json::value* rules = object.if_contains("syscalls");
  if (rules == nullptr || rules->is_null()) return policy;
  if (!rules->is_array()) return ProfileError("\"syscalls\" is no list");
  if (rules->get_array().size() > kMaxRules) {
    return ProfileError("it has too many rules");
  }
  for (const json::value& item : rules->get_array()) {
    if (!item.is_object()) return ProfileError("a rule is no object");
    if (!Conditions(item.get_object(), capabilities)) continue;
    ASSIGN_OR_RETURN(kernel::SeccompRule rule, ParseRule(item.get_object()));
    policy.rules.push_back(std::move(rule));
  }
  return policy;
}

}  // namespace tug::runtimed
