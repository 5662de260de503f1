// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/pins/pin_set.h"

#include <atomic>
#include <memory>
#include <thread>

#include "gtest/gtest.h"

namespace tug::imaged {
namespace {

const oci::Digest kA = oci::Digest::Of("a");
const oci::Digest kB = oci::Digest::Of("b");

TEST(PinSetTest, PinnedDigestsAreNotDoomed) {
  PinSet pins;
  auto scope = std::make_unique<PinSet::Scope>(pins);
  scope->Add(kA);
  EXPECT_FALSE(pins.Doom(kA));
  EXPECT_TRUE(pins.Doom(kB));
  pins.Spare(kB);
  scope.reset();
  EXPECT_TRUE(pins.Doom(kA));
}

TEST(PinSetTest, APinReleasedDuringACollectionCountsToItsEnd) {
  PinSet pins;
  auto scope = std::make_unique<PinSet::Scope>(pins);
  scope->Add(kA);
  pins.BeginCollection();
  scope.reset();
  EXPECT_FALSE(pins.Doom(kA));
  pins.EndCollection();
  EXPECT_TRUE(pins.Doom(kA));
}

TEST(PinSetTest, PinningEverythingKeepsEverything) {
  PinSet pins;
  PinSet::Scope scope(pins);
  scope.AddEverything();
  EXPECT_FALSE(pins.Doom(kA));
}

TEST(PinSetTest, PinningWaitsForADeletionUnderWay) {
  for (const bool everything : {false, true}) {
    PinSet pins;
    ASSERT_TRUE(pins.Doom(kA));
    std::atomic<bool> deleted = false;
    std::thread pinner([&] {
      PinSet::Scope scope(pins);
      everything ? scope.AddEverything() : scope.Add(kA);
      EXPECT_TRUE(deleted);
    });
    deleted = true;
    pins.Spare(kA);
    pinner.join();
  }
}

}  // namespace
}  // namespace tug::imaged
