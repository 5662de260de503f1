// SPDX-License-Identifier: Apache-2.0
//
// What every KeyValueStore does. A test file instantiates the suite with a
// factory that opens the store in an empty directory.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/kv/key_value_store.h"
#include "lib/testing/status_matchers.h"
#include "lib/testing/temp_dir.h"

namespace tug::kv {

using StoreFactory =
    std::function<std::unique_ptr<KeyValueStore>(const std::string& directory)>;

class KeyValueContract : public testing::TestWithParam<StoreFactory> {
 protected:
  void SetUp() override { store_ = GetParam()(directory_.path() + "/db"); }

  std::vector<std::pair<std::string, std::string>> ScanAll(
      absl::string_view prefix) {
    std::vector<std::pair<std::string, std::string>> pairs;
    EXPECT_THAT(
        store_->Scan(prefix,
                     [&](absl::string_view key, absl::string_view value) {
                       pairs.emplace_back(key, value);
                       return true;
                     }),
        IsOk());
    return pairs;
  }

  TempDir directory_;
  std::unique_ptr<KeyValueStore> store_;
};

TEST_P(KeyValueContract, AbsentKeyIsNotFound) {
  EXPECT_THAT(store_->Get("a"), StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(KeyValueContract, BytesComeBackAsPut) {
  const std::string key("k\0\xff", 3);
  const std::string value("v\0\x80", 3);
  ASSERT_THAT(store_->Put(key, value, Durability::kSynced), IsOk());
  EXPECT_THAT(store_->Get(key), IsOkAndHolds(value));
}

TEST_P(KeyValueContract, BatchAppliesInOrder) {
  WriteBatch batch;
  batch.Put("a", "1");
  batch.Put("b", "2");
  batch.Delete("a");
  ASSERT_THAT(store_->Write(batch, Durability::kUnsynced), IsOk());
  EXPECT_THAT(store_->Get("a"), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(store_->Get("b"), IsOkAndHolds(std::string("2")));
}

TEST_P(KeyValueContract, DeleteOfAbsentKeyIsOk) {
  EXPECT_THAT(store_->Delete("a", Durability::kUnsynced), IsOk());
}

TEST_P(KeyValueContract, ScanVisitsThePrefixInOrder) {
  for (const char* key : {"c/2", "c/1", "d", "b", "c0"}) {
    ASSERT_THAT(store_->Put(key, "v", Durability::kUnsynced), IsOk());
  }
  EXPECT_THAT(ScanAll("c/"), testing::ElementsAre(testing::Pair("c/1", "v"),
                                                  testing::Pair("c/2", "v")));
}

TEST_P(KeyValueContract, ScanMayWriteAndSeesNoneOfIt) {
  ASSERT_THAT(store_->Put("k1", "v", Durability::kUnsynced), IsOk());
  int visits = 0;
  ASSERT_THAT(
      store_->Scan("k",
                   [&](absl::string_view, absl::string_view) {
                     ++visits;
                     return store_->Put("k2", "v", Durability::kUnsynced).ok();
                   }),
      IsOk());
  EXPECT_EQ(visits, 1);
}

TEST_P(KeyValueContract, CompactKeepsWhatIsThere) {
  ASSERT_THAT(
      store_->Put("k/1", std::string(1 << 20, 'x'), Durability::kUnsynced),
      IsOk());
  ASSERT_THAT(store_->Put("k/1", "small", Durability::kUnsynced), IsOk());
  ASSERT_THAT(store_->Put("l", "v", Durability::kUnsynced), IsOk());
  ASSERT_THAT(store_->Compact("k/"), IsOk());
  EXPECT_THAT(ScanAll(""), testing::ElementsAre(testing::Pair("k/1", "small"),
                                                testing::Pair("l", "v")));
}

}  // namespace tug::kv
