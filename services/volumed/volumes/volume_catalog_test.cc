// SPDX-License-Identifier: Apache-2.0
#include "services/volumed/volumes/volume_catalog.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "lib/kv/memory_store.h"
#include "lib/testing/status_matchers.h"
#include "services/volumed/drivers/testing/fake_volume_driver.h"

namespace tug::volumed {
namespace {

using Anonymous = VolumeCatalog::Anonymous;

volume::v1::CreateVolumeRequest Named(const std::string& name) {
  volume::v1::CreateVolumeRequest request;
  request.set_name(name);
  return request;
}

class VolumeCatalogTest : public testing::Test {
 protected:
  VolumeCatalogTest() { Restart("boot"); }

  void Restart(const std::string& boot_id) {
    catalog_ = std::make_unique<VolumeCatalog>(
        *store_, VolumeCatalog::Drivers{{"local", &driver_}}, events_, clock_);
    ASSERT_THAT(catalog_->Load(boot_id), IsOk());
  }

  std::vector<std::string> ListFrom(const std::string& after) {
    std::vector<std::string> names;
    catalog_->List(after, [&](volume::v1::Volume volume) {
      names.push_back(volume.name());
      return true;
    });
    return names;
  }

  std::string Actions() {
    std::string text;
    for (int64_t i = 0; i < events_.newest_sequence(); ++i) {
      text += events_.Next(i, absl::InfinitePast())->action() + " ";
    }
    return text;
  }

  std::unique_ptr<kv::KeyValueStore> store_ = kv::NewMemoryStore();
  FakeVolumeDriver driver_;
  EventBus events_;
  SystemClock clock_;
  std::unique_ptr<VolumeCatalog> catalog_;
};

TEST_F(VolumeCatalogTest, CreatingTwiceGivesTheFirst) {
  const auto first = catalog_->Create(Named("data"));
  ASSERT_THAT(first, IsOk());
  const auto second = catalog_->Create(Named("data"));
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(first->created().nanos(), second->created().nanos());
  EXPECT_EQ(Actions(), "create ");
  EXPECT_EQ(first->state(), volume::v1::Volume::EMPTY);
  EXPECT_FALSE(first->has_options());
}

TEST_F(VolumeCatalogTest, AnonymousOnesGetIdAndLabel) {
  volume::v1::CreateVolumeRequest request;
  request.set_request_id("r1");
  const auto volume = catalog_->Create(request);
  ASSERT_THAT(volume, IsOk());
  EXPECT_EQ(volume->name().size(), 64u);
  EXPECT_TRUE(volume->labels().contains("com.docker.volume.anonymous"));
  EXPECT_EQ(catalog_->Create(request)->name(), volume->name());
}

TEST_F(VolumeCatalogTest, UnknownDriverAndBadOptionsAreRefused) {
  auto request = Named("data");
  request.set_driver("nope");
  EXPECT_THAT(catalog_->Create(request), HasReason("VOLUME_DRIVER_UNKNOWN"));
  request = Named("data");
  (*request.mutable_options()->mutable_values())["bad"] = "";
  EXPECT_THAT(catalog_->Create(request), HasReason("VOLUME_OPTIONS_INVALID"));
  EXPECT_THAT(catalog_->Get("data"), HasReason("VOLUME_UNKNOWN"));
}

TEST_F(VolumeCatalogTest, HeldVolumesStay) {
  ASSERT_THAT(catalog_->Create(Named("data")), IsOk());
  ASSERT_THAT(catalog_->Acquire("c1", {"data"}), IsOk());
  EXPECT_THAT(catalog_->Remove("data"), HasReason("VOLUME_IN_USE"));
  ASSERT_THAT(catalog_->Release("c1", Anonymous::kRemove), IsOk());
  EXPECT_THAT(catalog_->Get("data"), IsOk());  // Not anonymous.
  EXPECT_THAT(catalog_->Remove("data"), IsOk());
  EXPECT_TRUE(driver_.volumes.empty());
  EXPECT_THAT(catalog_->Remove("data"), HasReason("VOLUME_UNKNOWN"));
}

volume::v1::CreateVolumeRequest MadeFor(const std::string& lease) {
  volume::v1::CreateVolumeRequest request;
  request.set_lease(lease);
  request.set_no_copy(true);
  return request;
}

TEST_F(VolumeCatalogTest, ReleaseRemovesAnonymousOnesNobodyHolds) {
  const std::string mine = catalog_->Create(MadeFor("c1"))->name();
  const std::string shared = catalog_->Create(MadeFor("c1"))->name();
  ASSERT_THAT(catalog_->Acquire("c2", {shared}), IsOk());
  ASSERT_THAT(catalog_->Release("c1", Anonymous::kRemove), IsOk());
  EXPECT_THAT(catalog_->Get(mine), HasReason("VOLUME_UNKNOWN"));
  EXPECT_THAT(catalog_->Get(shared), IsOk());
}

// Issue 7, found again: `docker run --rm -v NAME:/x` removed a volume that
// the user had made without a name, and another container's.
TEST_F(VolumeCatalogTest, WhatIsMountedByItsNameIsNotRemovedWithTheContainer) {
  const std::string users = catalog_->Create({})->name();
  const std::string others = catalog_->Create(MadeFor("c1"))->name();
  ASSERT_THAT(catalog_->Release("c1", Anonymous::kKeep), IsOk());
  ASSERT_THAT(catalog_->Acquire("c2", {users, others}), IsOk());
  ASSERT_THAT(catalog_->Release("c2", Anonymous::kRemove), IsOk());
  EXPECT_THAT(catalog_->Get(users), IsOk());
  EXPECT_THAT(catalog_->Get(others), IsOk());
}

// Issue 7, A11.
TEST_F(VolumeCatalogTest, AVolumeMadeForALeaseIsHeldFromTheFirst) {
  const auto volume = catalog_->Create(MadeFor("c1"));
  ASSERT_THAT(volume, IsOk());
  ASSERT_EQ(volume->leases_size(), 1);
  EXPECT_EQ(volume->leases(0), "c1");
  Restart("boot");
  EXPECT_THAT(catalog_->Remove(volume->name()), HasReason("VOLUME_IN_USE"));
  auto existing = Named("data");
  ASSERT_THAT(catalog_->Create(existing), IsOk());
  existing.set_lease("c1");
  ASSERT_THAT(catalog_->Create(existing), IsOk());
  EXPECT_THAT(catalog_->Remove("data"), HasReason("VOLUME_IN_USE"));
}

TEST_F(VolumeCatalogTest, AnAbandonedLeaseTakesWhatWasMadeForIt) {
  const std::string made = catalog_->Create(MadeFor("c1"))->name();
  const std::string used = catalog_->Create(MadeFor("c1"))->name();
  const std::string others = catalog_->Create(MadeFor("c0"))->name();
  auto named = Named("data");
  named.set_lease("c1");
  ASSERT_THAT(catalog_->Create(named), IsOk());
  ASSERT_THAT(catalog_->Acquire("c1", {others}), IsOk());
  ASSERT_THAT(catalog_->Release("c0", Anonymous::kKeep), IsOk());
  ASSERT_THAT(catalog_->Acquire("c2", {used}), IsOk());
  ASSERT_THAT(catalog_->Mount("c2"), IsOk());
  ASSERT_THAT(catalog_->Release("c2", Anonymous::kKeep), IsOk());
  Restart("boot");
  ASSERT_THAT(catalog_->Release("c1", Anonymous::kRemoveUnused), IsOk());
  EXPECT_THAT(catalog_->Get(made), HasReason("VOLUME_UNKNOWN"));
  EXPECT_THAT(catalog_->Get(used), IsOk());
  EXPECT_THAT(catalog_->Get(others), IsOk());
  EXPECT_THAT(catalog_->Get("data"), IsOk());
}

TEST_F(VolumeCatalogTest, AVolumeThatCannotBeMadeIsNotHeld) {
  auto request = MadeFor("c1");
  request.set_driver("nope");
  EXPECT_THAT(catalog_->Create(request), HasReason("VOLUME_DRIVER_UNKNOWN"));
  EXPECT_EQ(catalog_->Leases(), std::vector<std::string>{"c1"});
  ASSERT_THAT(catalog_->Release("c1", Anonymous::kRemoveUnused), IsOk());
  EXPECT_TRUE(catalog_->Leases().empty());
}

TEST_F(VolumeCatalogTest, ALeaseReleasedMeanwhileKeepsNothingNew) {
  driver_.during_create = [&] {
    ASSERT_THAT(catalog_->Release("c1", Anonymous::kRemoveUnused), IsOk());
  };
  EXPECT_THAT(catalog_->Create(MadeFor("c1")),
              StatusIs(absl::StatusCode::kAborted));
  EXPECT_TRUE(ListFrom("").empty());
  EXPECT_TRUE(driver_.volumes.empty());
}

TEST_F(VolumeCatalogTest, ALeaseHasALimit) {
  for (size_t i = 0; i < kMaxVolumesOfLease; ++i) {
    ASSERT_THAT(catalog_->Create(MadeFor("c1")), IsOk());
  }
  EXPECT_THAT(catalog_->Create(MadeFor("c1")),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(ListFrom("").size(), kMaxVolumesOfLease);
  ASSERT_THAT(catalog_->Release("c1", Anonymous::kRemoveUnused), IsOk());
  EXPECT_TRUE(driver_.volumes.empty());
}

TEST_F(VolumeCatalogTest, EmptyVolumesCannotBeMounted) {
  ASSERT_THAT(catalog_->Create(Named("data")), IsOk());
  ASSERT_THAT(catalog_->Acquire("c1", {"data"}), IsOk());
  EXPECT_THAT(catalog_->Mount("c1"), HasReason("VOLUME_NOT_POPULATED"));
  ASSERT_THAT(catalog_->Populate("data", nullptr), IsOk());
  EXPECT_THAT(catalog_->Populate("data", nullptr),
              HasReason("VOLUME_POPULATED"));
  const auto paths = catalog_->Mount("c1");
  ASSERT_THAT(paths, IsOk());
  EXPECT_EQ(paths->at("data"), "/fake/data");
}

TEST_F(VolumeCatalogTest, FailedCopyLeavesTheVolumeEmpty) {
  ASSERT_THAT(catalog_->Create(Named("data")), IsOk());
  EXPECT_FALSE(
      catalog_
          ->Populate("data", [](int) { return absl::InternalError("broken"); })
          .ok());
  EXPECT_EQ(driver_.dropped, 1);
  EXPECT_EQ(catalog_->Get("data")->state(), volume::v1::Volume::EMPTY);
  EXPECT_THAT(catalog_->Populate("data", [](int) { return absl::OkStatus(); }),
              IsOk());
}

TEST_F(VolumeCatalogTest, LastUserUnmounts) {
  auto request = Named("data");
  request.set_no_copy(true);
  ASSERT_THAT(catalog_->Create(request), IsOk());
  for (const char* lease : {"c1", "c2"}) {
    ASSERT_THAT(catalog_->Acquire(lease, {"data"}), IsOk());
    ASSERT_THAT(catalog_->Mount(lease), IsOk());
    ASSERT_THAT(catalog_->Mount(lease), IsOk());
  }
  ASSERT_THAT(catalog_->Unmount("c1"), IsOk());
  EXPECT_TRUE(driver_.mounted.contains("data"));
  ASSERT_THAT(catalog_->Unmount("c2"), IsOk());
  ASSERT_THAT(catalog_->Unmount("c2"), IsOk());
  EXPECT_FALSE(driver_.mounted.contains("data"));
  EXPECT_EQ(Actions(), "create mount mount unmount unmount ");
}

TEST_F(VolumeCatalogTest, RestartKeepsVolumesLeasesAndUse) {
  auto request = Named("data");
  request.set_no_copy(true);
  ASSERT_THAT(catalog_->Create(request), IsOk());
  ASSERT_THAT(catalog_->Acquire("c1", {"data"}), IsOk());
  ASSERT_THAT(catalog_->Mount("c1"), IsOk());
  Restart("boot");
  EXPECT_EQ(catalog_->Leases(), std::vector<std::string>{"c1"});
  EXPECT_THAT(catalog_->Remove("data"), HasReason("VOLUME_IN_USE"));
  ASSERT_THAT(catalog_->Unmount("c1"), IsOk());
  EXPECT_EQ(Actions(), "create mount unmount ");
}

TEST_F(VolumeCatalogTest, NothingIsInUseAfterABoot) {
  auto request = Named("data");
  request.set_no_copy(true);
  ASSERT_THAT(catalog_->Create(request), IsOk());
  ASSERT_THAT(catalog_->Acquire("c1", {"data"}), IsOk());
  ASSERT_THAT(catalog_->Mount("c1"), IsOk());
  Restart("another boot");
  ASSERT_THAT(catalog_->Unmount("c1"), IsOk());
  EXPECT_EQ(Actions(), "create mount ");
  EXPECT_EQ(catalog_->Get("data")->leases_size(), 1);
}

TEST_F(VolumeCatalogTest, FailedMountTakesBackTheOthers) {
  auto good = Named("good");
  good.set_no_copy(true);
  auto bad = Named("worse");
  bad.set_no_copy(true);
  (*bad.mutable_options()->mutable_values())["fail"] = "";
  ASSERT_THAT(catalog_->Create(good), IsOk());
  ASSERT_THAT(catalog_->Create(bad), IsOk());
  ASSERT_THAT(catalog_->Acquire("c1", {"good", "worse"}), IsOk());
  EXPECT_THAT(catalog_->Mount("c1"), HasReason("VOLUME_MOUNT_FAILED"));
  EXPECT_TRUE(driver_.mounted.empty());
  EXPECT_THAT(catalog_->Mount("unknown"), HasReason("LEASE_UNKNOWN"));
}

TEST_F(VolumeCatalogTest, ListsInOrderFromAnyPoint) {
  for (const char* name : {"cc", "aa", "bb"}) {
    ASSERT_THAT(catalog_->Create(Named(name)), IsOk());
  }
  EXPECT_EQ(ListFrom("aa"), (std::vector<std::string>{"bb", "cc"}));
  int visited = 0;
  catalog_->List("", [&](const volume::v1::Volume&) { return ++visited < 2; });
  EXPECT_EQ(visited, 2);
}

// What all records take is bounded, too: labels are as long as users like.
TEST_F(VolumeCatalogTest, RecordsHaveALimitInBytes) {
  auto request = Named("large");
  (*request.mutable_labels())["text"] = std::string(1'000'000, 'x');
  int made = 0;
  absl::Status status;
  while (made < 1'000) {
    request.set_name(absl::StrCat("large", made));
    status = catalog_->Create(request).status();
    if (!status.ok()) break;
    ++made;
  }
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_GT(made, 10);
  Restart("boot");
  EXPECT_THAT(catalog_->Create(request),
              StatusIs(absl::StatusCode::kResourceExhausted));
  ASSERT_THAT(catalog_->Remove("large0"), IsOk());
  EXPECT_THAT(catalog_->Create(request), IsOk());
}

}  // namespace
}  // namespace tug::volumed
