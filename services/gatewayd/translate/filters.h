// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "google/protobuf/map.h"

namespace tug::gatewayd {

// Longest `filters` value of a query, and longest regular expression in it.
inline constexpr size_t kMaxFilterText = 64 * 1024;
inline constexpr size_t kMaxFilterPattern = 1024;

// The `filters` of a list, prune or events request. Values of one key are
// alternatives, except labels, which must all match; keys must all match. An
// absent key matches everything.
class Filters {
 public:
  using Labels = google::protobuf::Map<std::string, std::string>;

  Filters() = default;

  // Both of Docker's forms, {"k":["v"]} and {"k":{"v":true}}; empty text has
  // none. INVALID_ARGUMENT "invalid filter" for anything else, "invalid filter
  // 'k'" for a key that is not in `known` (when there are any).
  static absl::StatusOr<Filters> Parse(
      absl::string_view text, absl::Span<const absl::string_view> known);

  bool empty() const { return fields_.empty(); }
  bool Has(absl::string_view key) const;
  std::vector<std::string> Values(absl::string_view key) const;

  // One of the values is `text`.
  bool MatchExact(absl::string_view key, absl::string_view text) const;
  // `text` begins with one of the values.
  bool MatchPrefix(absl::string_view key, absl::string_view text) const;
  // One of the values, as an unanchored RE2 expression, is found in `text`, or
  // is `text`. Time is linear in both; malformed expressions match nothing.
  bool MatchRegex(absl::string_view key, absl::string_view text) const;
  // Every value, "name" or "name=value", is among `labels`.
  bool MatchLabels(absl::string_view key, const Labels& labels) const;
  // At least one value is among `labels`; false when there are no values.
  bool AnyLabel(absl::string_view key, const Labels& labels) const;

  // nullopt when absent. INVALID_ARGUMENT "invalid filter 'k=[v]'" unless the
  // values say either true (1, true) or false (0, false).
  absl::StatusOr<std::optional<bool>> Bool(absl::string_view key) const;

  // The time of an "until" filter: a time, or a duration before `now`. nullopt
  // when absent; INVALID_ARGUMENT for several, or what is no time.
  absl::StatusOr<std::optional<absl::Time>> Until(absl::Time now) const;
  // The same for images, which take several, in other words: the earliest, for
  // which all of them hold.
  absl::StatusOr<std::optional<absl::Time>> ImageUntil(absl::Time now) const;

 private:
  const std::set<std::string>* Find(absl::string_view key) const;

  std::map<std::string, std::set<std::string>, std::less<>> fields_;
};

}  // namespace tug::gatewayd
