// SPDX-License-Identifier: Apache-2.0
#include "services/volumed/drivers/local/local_driver.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "gtest/gtest.h"
#include "lib/testing/status_matchers.h"
#include "lib/testing/temp_dir.h"

namespace tug::volumed {
namespace {

namespace fs = std::filesystem;

class LocalDriverTest : public testing::Test {
 protected:
  LocalDriverTest() : driver_(*LocalDriver::Open(temp_.path() + "/volumed")) {}

  static unsigned ModeOf(const std::string& path) {
    struct stat info = {};
    stat(path.c_str(), &info);
    return info.st_mode & 07777;
  }

  TempDir temp_;
  std::unique_ptr<LocalDriver> driver_;
  const DriverVolume volume_ = {"data", {}};
};

TEST_F(LocalDriverTest, DirectoriesHaveTheirModes) {
  ASSERT_THAT(driver_->Create(volume_), IsOk());
  EXPECT_EQ(ModeOf(temp_.path() + "/volumed"), 0700u);
  EXPECT_EQ(ModeOf(temp_.path() + "/volumed/volumes"), 0701u);
  EXPECT_EQ(ModeOf(driver_->Mountpoint(volume_)), 0755u);
}

TEST_F(LocalDriverTest, RemoveIsIdempotentAndLeavesNothing) {
  ASSERT_THAT(driver_->Create(volume_), IsOk());
  std::ofstream(driver_->Mountpoint(volume_) + "/f") << "x";
  ASSERT_THAT(driver_->Remove(volume_), IsOk());
  ASSERT_THAT(driver_->Remove(volume_), IsOk());
  driver_->removed().Drain();
  EXPECT_TRUE(fs::is_empty(temp_.path() + "/volumed/volumes"));
  EXPECT_TRUE(fs::is_empty(temp_.path() + "/volumed/removed"));
}

TEST_F(LocalDriverTest, ReconcileSweepsOrphansAndKeepsVolumes) {
  ASSERT_THAT(driver_->Create(volume_), IsOk());
  ASSERT_THAT(driver_->Create({"orphan", {}}), IsOk());
  std::ofstream(driver_->Mountpoint(volume_) + "/f") << "x";
  ASSERT_THAT(driver_->Reconcile({"data", "lost"}), IsOk());
  EXPECT_TRUE(fs::exists(driver_->Mountpoint(volume_) + "/f"));
  EXPECT_TRUE(fs::exists(driver_->Mountpoint({"lost", {}})));
  EXPECT_FALSE(fs::exists(temp_.path() + "/volumed/volumes/orphan"));
}

TEST_F(LocalDriverTest, StagedContentAppearsAtOnce) {
  ASSERT_THAT(driver_->Create(volume_), IsOk());
  { ASSERT_THAT(driver_->OpenStage(volume_), IsOk()); }
  std::ofstream(temp_.path() + "/volumed/volumes/data/_copy/f") << "x";
  EXPECT_TRUE(fs::is_empty(driver_->Mountpoint(volume_)));
  ASSERT_THAT(driver_->PutStaged(volume_), IsOk());
  EXPECT_TRUE(fs::exists(driver_->Mountpoint(volume_) + "/f"));
  EXPECT_FALSE(fs::exists(temp_.path() + "/volumed/volumes/data/_copy"));
}

TEST_F(LocalDriverTest, StagedContentNeverReplacesContent) {
  ASSERT_THAT(driver_->Create(volume_), IsOk());
  { ASSERT_THAT(driver_->OpenStage(volume_), IsOk()); }
  std::ofstream(driver_->Mountpoint(volume_) + "/mine") << "x";
  EXPECT_THAT(driver_->PutStaged(volume_),
              StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_TRUE(fs::exists(driver_->Mountpoint(volume_) + "/mine"));
}

TEST_F(LocalDriverTest, MeasuresPlainVolumesOnly) {
  ASSERT_THAT(driver_->Create(volume_), IsOk());
  EXPECT_GE(driver_->Measure(volume_), 0);
  EXPECT_EQ(
      driver_->Measure({"data", {{"type", "tmpfs"}, {"device", "tmpfs"}}}), -1);
}

}  // namespace
}  // namespace tug::volumed
