// SPDX-License-Identifier: Apache-2.0
//
// Removal, restarts and what a crash takes.
#include "services/imaged/testing/transfer_fixture.h"

namespace tug::imaged {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

TEST_F(TransferTest, ChangesOfAContainerAreTold) {
  ASSERT_THAT(Pull(Layered(registry_)), IsOk());
  const auto snapshot = Prepare("c1", kName);
  ASSERT_THAT(snapshot, IsOk());
  const std::string upper = engine_->state_path + "/" + snapshot->upper();
  fs::create_directory(upper + "/bin");
  ASSERT_EQ(mknod((upper + "/bin/a").c_str(), S_IFCHR, makedev(0, 0)), 0);
  fs::create_directory(upper + "/opaque");
  ASSERT_EQ(setxattr((upper + "/opaque").c_str(), "trusted.overlay.opaque", "y",
                     1, 0),
            0);
  std::ofstream(upper + "/fresh") << "f";
  std::ofstream(upper + "/replaced") << "r";
  const auto diff = DiffSnapshot(engine_->snapshot_parts, "c1");
  ASSERT_THAT(diff, IsOk());
  std::vector<std::string> changes;
  for (const auto& change : diff->changes()) {
    changes.push_back(absl::StrCat(change.path(), " ", change.kind()));
  }
  EXPECT_THAT(changes,
              ElementsAre("/bin 1", "/bin/a 3", "/fresh 2", "/opaque 1",
                          "/opaque/new 3", "/replaced 1"));
  const auto tree = Tree("c1");
  EXPECT_EQ(tree.count("bin/a"), 0u);
  EXPECT_EQ(tree.count("opaque/new"), 0u);
  EXPECT_EQ(tree.at("fresh"), "f");
}

TEST_F(TransferTest, ImagesInUseAreKept) {
  ASSERT_THAT(Pull(Layered(registry_)), IsOk());
  ASSERT_THAT(Prepare("c1", kName), IsOk());
  EXPECT_THAT(Remove(kName), HasReason("IMAGE_IN_USE"));
  const auto forced = Remove(kName, /*force=*/true);
  ASSERT_THAT(forced, IsOk());
  EXPECT_EQ(forced->deleted_size(), 0);
  EXPECT_EQ(Tree("c1")["replaced"], "new");
  // Dangling now; removed by its id, its layers stay with the container.
  const std::string id =
      engine_->catalog->Names()->begin()->second.target.digest.ToString();
  ASSERT_THAT(Remove(id, /*force=*/true), IsOk());
  EXPECT_THAT(*engine_->catalog->Names(), IsEmpty());
  EXPECT_EQ(Tree("c1")["replaced"], "new");
  EXPECT_THAT(engine_->snapshots->Release("c1"), IsOk());
  EXPECT_THAT(PruneImages(engine_->images, {}), IsOk());
  ExpectNothingStored();
}

TEST_F(TransferTest, ARestartFindsEverythingAgain) {
  ASSERT_THAT(Pull(Layered(registry_)), IsOk());
  const auto before = Prepare("c1", kName);
  ASSERT_THAT(before, IsOk());
  // What a crash leaves half-made.
  fs::create_directories(engine_->state_path + "/s/99/u");
  fs::create_directories(engine_->state_path + "/l/99/bin");
  Restart();
  engine_->trash->Drain();
  EXPECT_THAT(Names("s"), ElementsAre("1"));
  EXPECT_EQ(Names("l").size(), 2u);
  const auto after = GetSnapshot(engine_->snapshot_parts, "c1");
  ASSERT_THAT(after, IsOk());
  EXPECT_EQ(after->upper(), before->upper());
  EXPECT_EQ(Tree("c1")["replaced"], "new");
  // Idempotent, and bound to its image.
  EXPECT_THAT(Prepare("c1", kName), IsOk());
  ASSERT_THAT(Pull(MakeImage(registry_, {{MakeFile("o", "")}}), "o:1"), IsOk());
  EXPECT_THAT(Prepare("c1", "o:1"), HasReason("LEASE_TAKEN"));
}

TEST_F(TransferTest, LostLayersAreUnpackedAgain) {
  ASSERT_THAT(Pull(Layered(registry_)), IsOk());
  for (const v1::LayerRecord& layer : engine_->layers->List()) {
    ASSERT_THAT(engine_->layers->Remove(*oci::Digest::FromHex(layer.diff_id())),
                IsOk());
  }
  ASSERT_THAT(Prepare("c1", kName), IsOk());
  EXPECT_EQ(Tree("c1")["replaced"], "new");
}

TEST_F(TransferTest, LayersThatAPowerCutMayHaveTakenAreUnpackedAgain) {
  ASSERT_THAT(Pull(Layered(registry_)), IsOk());
  ASSERT_THAT(Prepare("c1", kName), IsOk());
  const std::vector<std::string> old = Names("l");
  engine_.reset();
  std::map<std::string, v1::LayerRecord> records;
  ASSERT_THAT(store_->Scan("layer/",
                           [&](absl::string_view key, absl::string_view value) {
                             records[std::string(key)].ParseFromString(
                                 std::string(value));
                             return true;
                           }),
              IsOk());
  ASSERT_EQ(records.size(), 2u);
  for (auto& [key, record] : records) {
    record.set_durable(false);
    record.set_boot_id("another boot");
    ASSERT_THAT(
        store_->Put(key, record.SerializeAsString(), kv::Durability::kUnsynced),
        IsOk());
  }
  Restart();
  EXPECT_THAT(Names("l"), IsEmpty());
  EXPECT_EQ(Tree("c1")["replaced"], "new");
  EXPECT_NE(Names("l"), old);
}

TEST_F(TransferTest, WithTheLastTagGoNamesByDigest) {
  const TestImage image = Layered(registry_);
  ASSERT_THAT(Pull(image), IsOk());
  ASSERT_THAT(Pull(image, absl::StrCat("localhost:5000/a@",
                                       image.target.digest.ToString())),
              IsOk());
  const auto removed = Remove(kName);
  ASSERT_THAT(removed, IsOk());
  EXPECT_EQ(removed->untagged_size(), 2);
  ExpectNothingStored();
}

TEST_F(TransferTest, PreparingTakesNoSyncAndLittleTime) {
  ASSERT_THAT(Pull(Layered(registry_)), IsOk());
  const absl::Time start = absl::Now();
  constexpr int kCount = 200;
  for (int i = 0; i < kCount; ++i) {
    ASSERT_THAT(Prepare(absl::StrCat("c", i), kName), IsOk());
  }
  // A generous bound for busy machines: it takes about 0.1 ms.
  EXPECT_LT(absl::Now() - start, kCount * absl::Milliseconds(5));
}

}  // namespace
}  // namespace tug::imaged
