// SPDX-License-Identifier: Apache-2.0
#include "lib/event/event_size.h"

#include <algorithm>
#include <string>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "lib/base/byte_budget.h"
#include "lib/base/utf8.h"

namespace tug {
namespace {

constexpr absl::string_view kCutMark = "...";

void Shorten(std::string& text) {
  if (text.size() <= kMaxEventTextBytes) return;
  text = absl::StrCat(Presentable(text, kMaxEventTextBytes - kCutMark.size()),
                      kCutMark);
}

size_t CostOf(absl::string_view key, absl::string_view value) {
  return key.size() + value.size() + kEventLabelOverhead;
}

}  // namespace

void AddLabelViews(LabelViews labels, event::v1::Event& event) {
  std::sort(labels.begin(), labels.end(), [](const auto& a, const auto& b) {
    return std::make_tuple(CostOf(a.first, a.second), a.first) <
           std::make_tuple(CostOf(b.first, b.second), b.first);
  });
  ByteBudget budget({.count = labels.size(), .bytes = kMaxEventLabelBytes});
  auto& attributes = *event.mutable_attributes();
  for (const auto& [key, value] : labels) {
    if (!budget.TryTake(CostOf(key, value))) break;
    attributes.insert({std::string(key), std::string(value)});
  }
  const size_t left_out = labels.size() - budget.count();
  if (left_out > 0) attributes[kLabelsLeftOut] = absl::StrCat(left_out);
}

void CutToSize(event::v1::Event& event) {
  Shorten(*event.mutable_action());
  Shorten(*event.mutable_actor_id());
  auto& attributes = *event.mutable_attributes();
  while (event.ByteSizeLong() > kMaxEventBytes && !attributes.empty()) {
    auto largest = attributes.begin();
    for (auto at = attributes.begin(); at != attributes.end(); ++at) {
      if (CostOf(at->first, at->second) >
          CostOf(largest->first, largest->second)) {
        largest = at;
      }
    }
    attributes.erase(largest);
  }
}

}  // namespace tug
