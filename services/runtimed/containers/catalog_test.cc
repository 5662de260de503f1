// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/kv/memory_store.h"
#include "services/runtimed/containers/container_catalog.h"
#include "services/runtimed/containers/container_name.h"

namespace tug::runtimed {
namespace {

std::string IdOf(char digit) { return std::string(63, 'a') + digit; }

ContainerRecord Record(const std::string& id, const std::string& name,
                       int64_t created) {
  ContainerRecord record;
  record.mutable_container()->set_id(id);
  record.mutable_container()->set_name(name);
  record.mutable_container()->mutable_created()->set_seconds(created);
  record.set_request_id("request");
  return record;
}

class CatalogTest : public testing::Test {
 protected:
  std::unique_ptr<kv::KeyValueStore> store_ = kv::NewMemoryStore();
  ContainerCatalog catalog_{*store_};
};

TEST_F(CatalogTest, ResolvesIdNameAndPrefix) {
  const std::string id = "b" + IdOf('1').substr(1);
  ASSERT_TRUE(catalog_.Reserve(Record(id, "web", 1)).ok());
  ASSERT_TRUE(catalog_.Reserve(Record(IdOf('2'), "ba", 2)).ok());
  ASSERT_TRUE(catalog_.Reserve(Record(IdOf('3'), "db", 3)).ok());
  for (const std::string& text :
       {id, std::string("web"), std::string("/web"), std::string("b")}) {
    const auto found = catalog_.Resolve(text);
    ASSERT_TRUE(found.ok()) << text;
    EXPECT_EQ((*found)->container().id(), id) << text;
  }
  // A name wins over a prefix.
  EXPECT_EQ((*catalog_.Resolve("ba"))->container().id(), IdOf('2'));
  EXPECT_EQ(StatusReason(catalog_.Resolve("aa").status()),
            "CONTAINER_AMBIGUOUS");
  EXPECT_EQ(StatusReason(catalog_.Resolve("c").status()), "CONTAINER_UNKNOWN");
  EXPECT_EQ(StatusReason(catalog_.Resolve("").status()), "CONTAINER_UNKNOWN");
}

TEST_F(CatalogTest, NamesAreUniqueAndFreedByRemoval) {
  ASSERT_TRUE(catalog_.Reserve(Record(IdOf('1'), "web", 1)).ok());
  EXPECT_EQ(
      StatusReason(catalog_.Reserve(Record(IdOf('2'), "web", 1)).status()),
      "CONTAINER_NAME_TAKEN");
  EXPECT_TRUE(catalog_.Reserve(Record(IdOf('1'), "web", 1)).ok());
  ASSERT_TRUE(catalog_.Rename(IdOf('1'), "www").ok());
  EXPECT_TRUE(catalog_.Reserve(Record(IdOf('2'), "web", 1)).ok());
  EXPECT_EQ(StatusReason(catalog_.Rename(IdOf('2'), "www").status()),
            "CONTAINER_NAME_TAKEN");
  ASSERT_TRUE(catalog_.Remove(IdOf('1'), Persist::kSynced).ok());
  EXPECT_TRUE(catalog_.Rename(IdOf('2'), "www").ok());
}

TEST_F(CatalogTest, ListsNewestFirstInPages) {
  for (int i = 1; i <= 5; ++i) {
    ASSERT_TRUE(catalog_
                    .Reserve(Record(IdOf(static_cast<char>('0' + i)),
                                    absl::StrCat("n", i), i))
                    .ok());
  }
  const auto first = catalog_.List(nullptr);
  ASSERT_EQ(first.size(), 5u);
  EXPECT_EQ(first[0]->container().name(), "n5");
  const auto at = ContainerCatalog::PositionOf(*first[1]);
  const auto second = catalog_.List(&at);
  ASSERT_EQ(second.size(), 3u);
  EXPECT_EQ(second[0]->container().name(), "n3");
}

TEST_F(CatalogTest, OnlyPersistedRecordsSurvive) {
  ASSERT_TRUE(catalog_.Reserve(Record(IdOf('1'), "kept", 1)).ok());
  ASSERT_TRUE(catalog_.Reserve(Record(IdOf('2'), "lost", 1)).ok());
  ASSERT_TRUE(catalog_
                  .Update(IdOf('1'), Persist::kSynced,
                          [](ContainerRecord& record) {
                            record.mutable_container()->set_exit_code(3);
                            return absl::OkStatus();
                          })
                  .ok());
  ContainerCatalog again(*store_);
  ASSERT_TRUE(again.Load().ok());
  EXPECT_EQ((*again.Get(IdOf('1')))->container().exit_code(), 3);
  EXPECT_FALSE(again.Get(IdOf('2')).ok());
}

TEST_F(CatalogTest, RefusedChangeLeavesTheRecord) {
  ASSERT_TRUE(catalog_.Reserve(Record(IdOf('1'), "web", 1)).ok());
  EXPECT_FALSE(catalog_
                   .Update(IdOf('1'), Persist::kSynced,
                           [](ContainerRecord& record) {
                             record.mutable_container()->set_exit_code(3);
                             return absl::AbortedError("no");
                           })
                   .ok());
  EXPECT_EQ((*catalog_.Get(IdOf('1')))->container().exit_code(), 0);
}

TEST(ContainerName, Rules) {
  for (const char* good : {"ab", "a1", "web.1_x-y", "0a"}) {
    EXPECT_TRUE(CheckContainerName(good).ok()) << good;
  }
  for (const char* bad : {"", "a", "-ab", ".ab", "a/b", "a b", "\xc3\xa4"}) {
    EXPECT_FALSE(CheckContainerName(bad).ok()) << bad;
  }
}

TEST(ContainerName, FallsBackToTheShortId) {
  int tries = 0;
  const std::string name =
      GenerateContainerName(IdOf('1'), [&](absl::string_view) {
        ++tries;
        return true;
      });
  EXPECT_EQ(name, "aaaaaaaaaaaa");
  EXPECT_EQ(tries, 6);
}

}  // namespace
}  // namespace tug::runtimed
