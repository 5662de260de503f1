// SPDX-License-Identifier: Apache-2.0
//
// Who gives way when all of a limited number of places are taken, so that
// nobody locks the others out by holding many.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace tug {

// Somebody in a place.
struct PlaceHolder {
  // Whose it is, such as a uid.
  int64_t owner = 0;
  // Since when it waits for its owner (any clock); 0 while it is at work.
  int64_t waiting_since = 0;
};

// Which of `holders`, in the order of their coming, is to leave for a newcomer
// of `owner`; none: the newcomer is to be refused.
//
// The one that has waited longest goes, of the owner who has most; but never
// one of an owner who has fewer places than the newcomer's. Where nobody waits,
// the youngest goes of the owner who has most, if the newcomer's has at least
// two fewer.
std::optional<size_t> ChooseWhoLeaves(const std::vector<PlaceHolder>& holders,
                                      int64_t owner);

}  // namespace tug
