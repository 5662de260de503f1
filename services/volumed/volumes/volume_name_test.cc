// SPDX-License-Identifier: Apache-2.0
#include "services/volumed/volumes/volume_name.h"

#include <string>

#include "gtest/gtest.h"
#include "lib/testing/status_matchers.h"

namespace tug::volumed {
namespace {

TEST(CheckVolumeNameTest, TakesDockersNames) {
  for (const char* name : {"data", "a1", "0_.-", "A.b"}) {
    EXPECT_THAT(CheckVolumeName(name), IsOk()) << name;
  }
}

TEST(CheckVolumeNameTest, RefusesEverythingElse) {
  for (const std::string name :
       {"", "a", "..", ".a", "-a", "a/b", "a b", "a\n", "/abs", "\xff\xff"}) {
    EXPECT_THAT(CheckVolumeName(name), HasReason("VOLUME_NAME_INVALID"))
        << name;
  }
  EXPECT_THAT(CheckVolumeName(std::string(256, 'a')),
              HasReason("VOLUME_NAME_INVALID"));
}

}  // namespace
}  // namespace tug::volumed
