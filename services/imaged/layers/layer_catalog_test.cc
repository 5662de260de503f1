// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/layers/layer_catalog.h"

#include <fcntl.h>

#include <filesystem>
#include <memory>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/kv/memory_store.h"
#include "lib/testing/status_matchers.h"
#include "lib/testing/temp_dir.h"
#include "services/imaged/files/directory.h"
#include "services/tree/report/report.h"

namespace tug::imaged {
namespace {

// A string field of a message, as older versions wrote it.
std::string Field(int number, absl::string_view text) {
  std::string field;
  for (uint64_t value : {uint64_t(number) << 3 | 2, uint64_t(text.size())}) {
    for (; value >= 128; value >>= 7) {
      field.push_back(static_cast<char>(value | 128));
    }
    field.push_back(static_cast<char>(value));
  }
  return absl::StrCat(field, text);
}

class LayerCatalogTest : public testing::Test {
 protected:
  void Open() {
    catalog_.reset();
    state_.reset(open(temp_.path().c_str(), O_RDONLY | O_DIRECTORY));
    trash_ =
        std::make_unique<Trash>(*MakeDirectory(state_.get(), "trash", 0700));
    auto catalog = LayerCatalog::Open(*store_, state_.get(), *trash_);
    ASSERT_THAT(catalog, IsOk());
    catalog_ = *std::move(catalog);
  }

  // What an older version stored of layer `l/1`.
  void StoreOlder(const std::vector<std::string>& implicit) {
    std::filesystem::create_directories(temp_.path() + "/l/1");
    v1::LayerRecord record;
    record.set_diff_id(id_.hex());
    record.set_number(1);
    record.set_durable(true);
    std::string value = record.SerializeAsString();
    for (const std::string& path : implicit) value += Field(11, path);
    ASSERT_THAT(store_->Put(absl::StrCat("layer/", id_.hex()), value,
                            kv::Durability::kUnsynced),
                IsOk());
  }

  size_t StoredSize() {
    return store_->Get(absl::StrCat("layer/", id_.hex()))->size();
  }

  const oci::Digest id_ = oci::Digest::Of("layer");
  TempDir temp_;
  UniqueFd state_;
  std::unique_ptr<Trash> trash_;
  std::unique_ptr<kv::KeyValueStore> store_ = kv::NewMemoryStore();
  std::unique_ptr<LayerCatalog> catalog_;
};

TEST_F(LayerCatalogTest, ImplicitDirectoriesAreKeptBesideTheRecord) {
  Open();
  const auto slot = catalog_->Allocate();
  ASSERT_THAT(slot, IsOk());
  v1::LayerRecord record;
  record.set_diff_id(id_.hex());
  ASSERT_THAT(catalog_->Publish(*slot, record, {"a", "a/b"}), IsOk());
  Open();
  EXPECT_TRUE(catalog_->Find(id_)->has_implicit());
  EXPECT_THAT(catalog_->Implicit(id_),
              IsOkAndHolds(testing::ElementsAre("a", "a/b")));
  EXPECT_LT(catalog_->Find(id_)->ByteSizeLong(), 512u);
  ASSERT_THAT(catalog_->Remove(id_), IsOk());
  EXPECT_THAT(catalog_->Implicit(id_), IsOkAndHolds(testing::IsEmpty()));
}

TEST_F(LayerCatalogTest, RecordsOfOlderVersionsAreTakenOver) {
  StoreOlder({"a", "a/b"});
  Open();
  EXPECT_THAT(catalog_->Implicit(id_),
              IsOkAndHolds(testing::ElementsAre("a", "a/b")));
  EXPECT_TRUE(catalog_->Find(id_)->has_implicit());
  EXPECT_LT(StoredSize(), 512u);
}

// Issue 7, A4: 731 MB of one record held up every start for 9.5 s.
TEST_F(LayerCatalogTest, ARecordStoredTooLargeKeepsItsLayerAndLosesItsList) {
  StoreOlder(std::vector<std::string>(2 * tree::kMaxReportBytes / 1000,
                                      std::string(1000, 'd')));
  Open();
  ASSERT_THAT(catalog_->Find(id_), IsOk());
  EXPECT_FALSE(catalog_->Find(id_)->has_implicit());
  EXPECT_THAT(catalog_->Implicit(id_), IsOkAndHolds(testing::IsEmpty()));
  EXPECT_LT(StoredSize(), 512u);
}

TEST_F(LayerCatalogTest, DamagedRecordsAreUnpackedAgain) {
  StoreOlder({"a"});
  const std::string key = absl::StrCat("layer/", id_.hex());
  std::string value = *store_->Get(key);
  value.pop_back();
  ASSERT_THAT(store_->Put(key, value, kv::Durability::kUnsynced), IsOk());
  Open();
  EXPECT_THAT(catalog_->Find(id_), StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace tug::imaged
