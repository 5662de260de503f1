// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>
#include <sys/statfs.h>

#include <filesystem>
#include <fstream>

#include "lib/testing/privileged_test.h"
#include "lib/testing/status_matchers.h"
#include "lib/testing/temp_dir.h"
#include "services/volumed/drivers/local/local_driver.h"

namespace tug::volumed {
namespace {

namespace fs = std::filesystem;
constexpr long kTmpfsMagic = 0x01021994;

class LocalMountTest : public PrivilegedTest {
 protected:
  void SetUp() override {
    PrivilegedTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    driver_ = *LocalDriver::Open(temp_.path() + "/volumed");
  }

  static long FileSystemOf(const std::string& path) {
    struct statfs info = {};
    statfs(path.c_str(), &info);
    return static_cast<long>(info.f_type);
  }

  TempDir temp_;
  std::unique_ptr<LocalDriver> driver_;
};

TEST_F(LocalMountTest, TmpfsIsMountedOnceAndTakenOff) {
  const DriverVolume volume = {
      "fast", {{"type", "tmpfs"}, {"device", "tmpfs"}, {"o", "size=1m"}}};
  ASSERT_THAT(driver_->Create(volume), IsOk());
  ASSERT_THAT(driver_->Mount(volume), IsOk());
  ASSERT_THAT(driver_->Mount(volume), IsOk());
  EXPECT_EQ(FileSystemOf(driver_->Mountpoint(volume)), kTmpfsMagic);
  ASSERT_THAT(driver_->Unmount(volume), IsOk());
  EXPECT_NE(FileSystemOf(driver_->Mountpoint(volume)), kTmpfsMagic);
  ASSERT_THAT(driver_->Unmount(volume), IsOk());
}

TEST_F(LocalMountTest, RemovingABindLeavesItsSource) {
  fs::create_directory(temp_.path() + "/source");
  temp_.Write("source/precious", "x");
  const DriverVolume volume = {"bound",
                               {{"type", "none"},
                                {"device", temp_.path() + "/source"},
                                {"o", "bind,ro"}}};
  ASSERT_THAT(driver_->Create(volume), IsOk());
  ASSERT_THAT(driver_->Mount(volume), IsOk());
  EXPECT_TRUE(fs::exists(driver_->Mountpoint(volume) + "/precious"));
  std::ofstream denied(driver_->Mountpoint(volume) + "/new");
  EXPECT_FALSE(denied.is_open());
  ASSERT_THAT(driver_->Remove(volume), IsOk());
  driver_->removed().Drain();
  EXPECT_TRUE(fs::exists(temp_.path() + "/source/precious"));
}

TEST_F(LocalMountTest, MissingDeviceIsAClearError) {
  const DriverVolume volume = {
      "gone", {{"type", "none"}, {"device", "/no/such"}, {"o", "bind"}}};
  ASSERT_THAT(driver_->Create(volume), IsOk());
  const absl::Status status = driver_->Mount(volume);
  EXPECT_THAT(status, HasReason("VOLUME_MOUNT_FAILED"));
  EXPECT_NE(status.message().find("/no/such"), std::string::npos);
}

}  // namespace
}  // namespace tug::volumed
