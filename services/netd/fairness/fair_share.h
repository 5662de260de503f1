// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace tug::netd {

// Who holds what of a bounded pool that parties share which do not trust each
// other, and what gives way to a newcomer when it is full: something of the
// party that holds most, and of that what has been silent longest. So nobody
// can take the whole of it; and while there is room, everybody may have as much
// as he likes.
//
// Example: a pool of four, of which A holds a1, a2, a3 and B holds b1. A new b2
// takes the place of A's longest silent. Then both have two, and what either
// adds takes the place of one of its own; a newcomer C takes one of A or B.
//
// Each operation takes logarithmic time. Not thread-safe.
template <typename Party, typename Id>
class FairShare {
 public:
  size_t size() const { return holders_.size(); }

  // `id` is not held yet.
  void Add(const Party& party, const Id& id) {
    const uint64_t turn = next_turn_++;
    holders_.emplace(id, Holder{party, turn});
    Resize(party, [&](auto& held) { held.emplace(turn, id); });
  }

  // It is not silent.
  void Touch(const Id& id) {
    const auto found = holders_.find(id);
    if (found == holders_.end()) return;
    auto& held = parties_.find(found->second.party)->second;
    held.erase(found->second.turn);
    found->second.turn = next_turn_++;
    held.emplace(found->second.turn, id);
  }

  void Remove(const Id& id) {
    const auto found = holders_.find(id);
    if (found == holders_.end()) return;
    const Holder holder = found->second;
    holders_.erase(found);
    Resize(holder.party, [&](auto& held) { held.erase(holder.turn); });
  }

  // What should give way to one more of `party`; nothing if that would only
  // turn things round, and the newcomer is the one to be refused.
  std::optional<Id> GivesWayTo(const Party& party) const {
    if (by_size_.empty()) return std::nullopt;
    const auto own = parties_.find(party);
    const size_t own_size = own == parties_.end() ? 0 : own->second.size();
    const auto& [most, largest] = *by_size_.rbegin();
    if (most > own_size + 1) return Silent(parties_.find(largest)->second);
    if (own_size > 0) return Silent(own->second);
    return std::nullopt;
  }

 private:
  struct Holder {
    Party party;
    uint64_t turn = 0;
  };
  // In the order of their last sign of life.
  using Held = std::map<uint64_t, Id>;

  static Id Silent(const Held& held) { return held.begin()->second; }

  template <typename Change>
  void Resize(const Party& party, const Change& change) {
    Held& held = parties_[party];
    by_size_.erase({held.size(), party});
    change(held);
    if (held.empty()) {
      parties_.erase(party);
    } else {
      by_size_.emplace(held.size(), party);
    }
  }

  std::map<Id, Holder> holders_;
  std::map<Party, Held> parties_;
  std::set<std::pair<size_t, Party>> by_size_;
  uint64_t next_turn_ = 0;
};

}  // namespace tug::netd
