// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/translate/filters.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "boost/json/parse.hpp"
#include "boost/json/value.hpp"
#include "lib/base/status_macros.h"
#include "re2/re2.h"
#include "services/gatewayd/translate/json_codec.h"
#include "services/gatewayd/translate/times.h"

namespace tug::gatewayd {
namespace {

namespace json = boost::json;

// Memory of one compiled expression and its automata.
constexpr int64_t kRegexMemory = 1 << 20;

absl::Status Invalid() { return absl::InvalidArgumentError("invalid filter"); }

bool ReadValues(const json::value& value, std::set<std::string>& values) {
  if (value.is_array()) {
    for (const json::value& element : value.get_array()) {
      if (!element.is_string()) return false;
      values.emplace(element.get_string());
    }
    return true;
  }
  if (!value.is_object()) return false;
  for (const auto& entry : value.get_object()) {
    if (!entry.value().is_bool()) return false;
    values.emplace(entry.key());
  }
  return true;
}

bool RegexFinds(const std::string& pattern, absl::string_view text) {
  if (pattern.size() > kMaxFilterPattern) return false;
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kRegexMemory);
  const re2::RE2 regex(pattern, options);
  return regex.ok() && re2::RE2::PartialMatch(
                           re2::StringPiece(text.data(), text.size()), regex);
}

bool HasLabel(const std::string& wanted, const Filters::Labels& labels) {
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(wanted, absl::MaxSplits('=', 1));
  const auto found = labels.find(parts.first);
  if (found == labels.end()) return false;
  return !absl::StrContains(wanted, '=') || found->second == parts.second;
}

absl::StatusOr<absl::Time> ParseUntil(const std::string& value,
                                      absl::Time now) {
  absl::StatusOr<absl::Time> time = ParseTimestamp(value, now);
  if (time.ok()) return time;
  return absl::InvalidArgumentError(absl::StrCat(
      "failed to parse value as time or duration: ", time.status().message()));
}

}  // namespace

absl::StatusOr<Filters> Filters::Parse(
    absl::string_view text, absl::Span<const absl::string_view> known) {
  Filters filters;
  if (text.empty()) return filters;
  if (text.size() > kMaxFilterText) return Invalid();
  boost::system::error_code error;
  const json::value value = json::parse(ToJsonView(text), error);
  if (error || !(value.is_object() || value.is_null())) return Invalid();
  if (value.is_null()) return filters;
  for (const auto& entry : value.get_object()) {
    if (!ReadValues(entry.value(), filters.fields_[std::string(entry.key())])) {
      return Invalid();
    }
  }
  for (const auto& [key, values] : filters.fields_) {
    if (!known.empty() &&
        std::find(known.begin(), known.end(), key) == known.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("invalid filter '", key, "'"));
    }
  }
  return filters;
}

const std::set<std::string>* Filters::Find(absl::string_view key) const {
  const auto found = fields_.find(key);
  if (found == fields_.end() || found->second.empty()) return nullptr;
  return &found->second;
}

bool Filters::Has(absl::string_view key) const { return Find(key) != nullptr; }

std::vector<std::string> Filters::Values(absl::string_view key) const {
  const std::set<std::string>* values = Find(key);
  if (values == nullptr) return {};
  return {values->begin(), values->end()};
}

bool Filters::MatchExact(absl::string_view key, absl::string_view text) const {
  const std::set<std::string>* values = Find(key);
  return values == nullptr || values->contains(std::string(text));
}

bool Filters::MatchPrefix(absl::string_view key, absl::string_view text) const {
  const std::set<std::string>* values = Find(key);
  if (values == nullptr) return true;
  for (const std::string& value : *values) {
    if (absl::StartsWith(text, value)) return true;
  }
  return false;
}

bool Filters::MatchRegex(absl::string_view key, absl::string_view text) const {
  const std::set<std::string>* values = Find(key);
  if (values == nullptr) return true;
  for (const std::string& value : *values) {
    if (text == value || RegexFinds(value, text)) return true;
  }
  return false;
}

bool Filters::MatchLabels(absl::string_view key, const Labels& labels) const {
  const std::set<std::string>* values = Find(key);
  if (values == nullptr) return true;
  for (const std::string& value : *values) {
    if (!HasLabel(value, labels)) return false;
  }
  return true;
}

bool Filters::AnyLabel(absl::string_view key, const Labels& labels) const {
  const std::set<std::string>* values = Find(key);
  if (values == nullptr) return false;
  for (const std::string& value : *values) {
    if (HasLabel(value, labels)) return true;
  }
  return false;
}

absl::StatusOr<std::optional<bool>> Filters::Bool(absl::string_view key) const {
  const auto found = fields_.find(key);
  if (found == fields_.end()) return std::optional<bool>();
  const std::set<std::string>& values = found->second;
  if (values.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("invalid filter '", key, "'"));
  }
  const bool truth = values.contains("1") || values.contains("true");
  const bool falsehood = values.contains("0") || values.contains("false");
  if (truth == falsehood) {
    return absl::InvalidArgumentError(absl::StrCat(
        "invalid filter '", key, "=[", absl::StrJoin(values, " "), "]'"));
  }
  return std::optional<bool>(truth);
}

absl::StatusOr<std::optional<absl::Time>> Filters::Until(absl::Time now) const {
  const std::set<std::string>* values = Find("until");
  if (values == nullptr) return std::optional<absl::Time>();
  if (values->size() > 1) {
    return absl::InvalidArgumentError("more than one until filter specified");
  }
  ASSIGN_OR_RETURN(const absl::Time time, ParseUntil(*values->begin(), now));
  return std::optional<absl::Time>(time);
}

absl::StatusOr<std::optional<absl::Time>> Filters::ImageUntil(
    absl::Time now) const {
  std::optional<absl::Time> earliest;
  for (const std::string& value : Values("until")) {
    const absl::StatusOr<absl::Time> time = ParseUntil(value, now);
    if (!time.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "invalid value for 'until' filter: ", time.status().message()));
    }
    earliest = std::min(*time, earliest.value_or(absl::InfiniteFuture()));
  }
  return earliest;
}

}  // namespace tug::gatewayd
