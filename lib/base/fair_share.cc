// SPDX-License-Identifier: Apache-2.0
#include "lib/base/fair_share.h"

#include <map>

namespace tug {
namespace {

using Counts = std::map<int64_t, size_t>;

// Whether `a` is a better choice than `b`: of the owner with more places, and
// of one owner the one that has waited longer.
bool WaitsWithLessRight(const PlaceHolder& a, const PlaceHolder& b,
                        const Counts& counts) {
  const size_t of_a = counts.at(a.owner);
  const size_t of_b = counts.at(b.owner);
  if (of_a != of_b) return of_a > of_b;
  return a.waiting_since < b.waiting_since;
}

std::optional<size_t> LongestWaiting(const std::vector<PlaceHolder>& holders,
                                     const Counts& counts, size_t at_least) {
  std::optional<size_t> chosen;
  for (size_t i = 0; i < holders.size(); ++i) {
    const PlaceHolder& one = holders[i];
    if (one.waiting_since == 0 || counts.at(one.owner) < at_least) continue;
    if (!chosen.has_value() ||
        WaitsWithLessRight(one, holders[*chosen], counts)) {
      chosen = i;
    }
  }
  return chosen;
}

}  // namespace

std::optional<size_t> ChooseWhoLeaves(const std::vector<PlaceHolder>& holders,
                                      int64_t owner) {
  Counts counts;
  for (const PlaceHolder& holder : holders) ++counts[holder.owner];
  const auto found = counts.find(owner);
  const size_t own = found == counts.end() ? 0 : found->second;
  std::optional<size_t> chosen = LongestWaiting(holders, counts, own);
  if (chosen.has_value()) return chosen;
  for (size_t i = 0; i < holders.size(); ++i) {
    const size_t count = counts.at(holders[i].owner);
    if (count < own + 2) continue;
    // Later ones of the same owner are younger.
    if (!chosen.has_value() || count >= counts.at(holders[*chosen].owner)) {
      chosen = i;
    }
  }
  return chosen;
}

}  // namespace tug
