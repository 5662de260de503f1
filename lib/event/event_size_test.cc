// SPDX-License-Identifier: Apache-2.0
#include "lib/event/event_size.h"

#include <map>
#include <string>

#include "gtest/gtest.h"

namespace tug {
namespace {

using Labels = std::map<std::string, std::string>;

TEST(EventSizeTest, OrdinaryLabelsAreKeptWhole) {
  event::v1::Event event;
  AddLabels(Labels{{"a", "1"}, {"b", std::string(2'000, 'x')}}, event);
  EXPECT_EQ(event.attributes().size(), 2u);
  EXPECT_EQ(event.attributes().at("a"), "1");
}

TEST(EventSizeTest, TheLargestLabelsAreLeftOutAndCounted) {
  event::v1::Event event;
  AddLabels(Labels{{"huge", std::string(4 << 20, 'x')},
                   {"large", std::string(40'000, 'x')},
                   {"small", "1"}},
            event);
  EXPECT_EQ(event.attributes().size(), 2u);
  EXPECT_EQ(event.attributes().at("small"), "1");
  EXPECT_EQ(event.attributes().at(kLabelsLeftOut), "2");
}

TEST(EventSizeTest, ManyTinyLabelsAreBoundedToo) {
  Labels labels;
  for (int i = 0; i < 100'000; ++i) labels[std::to_string(i)] = "";
  event::v1::Event event;
  AddLabels(labels, event);
  EXPECT_LE(event.attributes().size(),
            kMaxEventLabelBytes / kEventLabelOverhead + 1);
}

TEST(EventSizeTest, LabelsDoNotReplaceAttributes) {
  event::v1::Event event;
  (*event.mutable_attributes())["name"] = "web";
  AddLabels(Labels{{"name", "another"}}, event);
  EXPECT_EQ(event.attributes().at("name"), "web");
}

TEST(EventSizeTest, TextsAreCutBetweenCharacters) {
  event::v1::Event event;
  std::string action = "exec_create: ";
  while (action.size() < 3 * kMaxEventTextBytes) action += "\u00fc";
  event.set_action(action);
  CutToSize(event);
  EXPECT_LE(event.action().size(), kMaxEventTextBytes);
  EXPECT_GT(event.action().size(), kMaxEventTextBytes - 8);
  event::v1::Event parsed;
  EXPECT_TRUE(parsed.ParseFromString(event.SerializeAsString()));
  EXPECT_EQ(parsed.action(), event.action());
}

}  // namespace
}  // namespace tug
