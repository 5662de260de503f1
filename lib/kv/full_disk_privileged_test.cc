// SPDX-License-Identifier: Apache-2.0
#include <sys/mount.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "lib/kv/rocksdb_store.h"
#include "lib/testing/privileged_test.h"
#include "lib/testing/status_matchers.h"
#include "lib/testing/temp_dir.h"

namespace tug::kv {
namespace {

// A small file system of the test's own.
class FullDiskTest : public PrivilegedTest {
 protected:
  void SetUp() override {
    PrivilegedTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    ASSERT_EQ(mount("tmpfs", directory_.path().c_str(), "tmpfs", 0,
                    "size=32m,mode=0700"),
              0)
        << errno;
    mounted_ = true;
  }
  void TearDown() override {
    if (mounted_) {
      EXPECT_EQ(umount2(directory_.path().c_str(), MNT_DETACH), 0);
    }
  }

  std::string filler() const { return directory_.path() + "/filler"; }

  void Fill() {
    std::ofstream file(filler(), std::ios::binary);
    const std::string block(64 << 10, 'x');
    while (file.write(block.data(), static_cast<std::streamsize>(block.size()))
               .flush()) {
    }
  }

  TempDir directory_;
  bool mounted_ = false;
};

// Writes until the store has no more room, frees the disk, and writes on.
void FillAndGoOn(KeyValueStore& store, const std::string& filler,
                 Durability durability) {
  const std::string value(256 << 10, 'v');
  int stored = 0;
  absl::Status last;
  while (stored < 200) {
    last = store.Put(absl::StrCat("k", stored), value, durability);
    if (!last.ok()) break;
    ++stored;
  }
  ASSERT_FALSE(last.ok()) << "the disk did not fill up";
  ASSERT_TRUE(std::filesystem::remove(filler));
  EXPECT_THAT(store.Put("after", "room", durability), IsOk());
  EXPECT_THAT(store.Get("after"), IsOkAndHolds(std::string("room")));
  for (int i = 0; i < stored; ++i) {
    EXPECT_THAT(store.Get(absl::StrCat("k", i)), IsOkAndHolds(value)) << i;
  }
}

TEST_F(FullDiskTest, WritesGoOnOnceThereIsRoomAgain) {
  for (const Durability durability :
       {Durability::kSynced, Durability::kUnsynced}) {
    const std::string path =
        absl::StrCat(directory_.path(), "/db", static_cast<int>(durability));
    auto store = OpenRocksDbStore(path);
    ASSERT_THAT(store, IsOk());
    ASSERT_THAT((*store)->Put("before", "1", durability), IsOk());
    Fill();
    FillAndGoOn(**store, filler(), durability);
    store->reset();
    // What was acknowledged is there after a restart, too.
    store = OpenRocksDbStore(path);
    ASSERT_THAT(store, IsOk());
    EXPECT_THAT((*store)->Get("before"), IsOkAndHolds(std::string("1")));
    EXPECT_THAT((*store)->Get("after"), IsOkAndHolds(std::string("room")));
  }
}

}  // namespace
}  // namespace tug::kv
