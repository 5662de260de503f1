// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "lib/kv/key_value_contract.h"
#include "lib/kv/memory_store.h"
#include "lib/kv/rocksdb_store.h"

namespace tug::kv {
namespace {

std::unique_ptr<KeyValueStore> OpenRocksDb(const std::string& directory) {
  auto store = OpenRocksDbStore(directory);
  EXPECT_THAT(store, IsOk());
  return *std::move(store);
}

INSTANTIATE_TEST_SUITE_P(RocksDb, KeyValueContract,
                         testing::Values(StoreFactory(OpenRocksDb)));
INSTANTIATE_TEST_SUITE_P(Memory, KeyValueContract,
                         testing::Values(StoreFactory([](const std::string&) {
                           return NewMemoryStore();
                         })));

TEST(RocksDbStoreTest, SecondOpenIsRefusedWhileHeld) {
  TempDir directory;
  const std::string path = directory.path() + "/db";
  const auto first = OpenRocksDb(path);
  EXPECT_THAT(OpenRocksDbStore(path),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(RocksDbStoreTest, ContentOutlivesTheStore) {
  TempDir directory;
  const std::string path = directory.path() + "/db";
  ASSERT_THAT(OpenRocksDb(path)->Put("k", "v", Durability::kSynced), IsOk());
  EXPECT_THAT(OpenRocksDb(path)->Get("k"), IsOkAndHolds(std::string("v")));
}

}  // namespace
}  // namespace tug::kv
