// SPDX-License-Identifier: Apache-2.0
//
// How much an event carries. Everything in it but its time is sized by others:
// an image's labels, the command of an exec, a name.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "proto/tug/event/v1/event.pb.h"

namespace tug {

// Labels that an event carries, each counted with what it costs to hold it.
// That is some 250 labels of 64 bytes; users of Docker have a few dozen.
inline constexpr size_t kMaxEventLabelBytes = 32 << 10;
inline constexpr size_t kEventLabelOverhead = 64;
// Longest action ("exec_create: sh -c ...") and id of an actor.
inline constexpr size_t kMaxEventTextBytes = 4 << 10;
// Largest event as a message, whatever it was made of.
inline constexpr size_t kMaxEventBytes = 64 << 10;

using LabelViews = std::vector<std::pair<absl::string_view, absl::string_view>>;

// Adds labels as attributes, the smallest first, as many as
// kMaxEventLabelBytes allow; attributes that are there already stay. Where some
// are left out the event says how many in the attribute kLabelsLeftOut.
inline constexpr char kLabelsLeftOut[] = "tug.labels-left-out";
void AddLabelViews(LabelViews labels, event::v1::Event& event);

// The same for a map of whatever kind.
template <typename Map>
void AddLabels(const Map& labels, event::v1::Event& event) {
  LabelViews views;
  for (const auto& [key, value] : labels) views.emplace_back(key, value);
  AddLabelViews(std::move(views), event);
}

// The bound behind all others: shortens the texts, then leaves out the largest
// attributes, until the event is within kMaxEventBytes.
void CutToSize(event::v1::Event& event);

}  // namespace tug
