// SPDX-License-Identifier: Apache-2.0
//
// Pulls: what they show, and how they fail.
#include "services/imaged/testing/transfer_fixture.h"

namespace tug::imaged {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

TEST_F(TransferTest, PulledLayersShowWhatOverlayWould) {
  ASSERT_THAT(Pull(Layered(registry_)), IsOk());
  const auto snapshot = Prepare("c1", kName);
  ASSERT_THAT(snapshot, IsOk());
  EXPECT_EQ(snapshot->lower_size(), 3);  // The base layer is below.
  EXPECT_THAT(
      Tree("c1"),
      UnorderedElementsAre(
          std::pair("./", ""), std::pair("bin/", ""), std::pair("bin/a", "a"),
          std::pair("bin/cap", "c"), std::pair("link", "-> /bin"),
          std::pair("opaque/", ""), std::pair("opaque/new", "new"),
          std::pair("replaced", "new")));
  EXPECT_THAT(Tree("c1", "/link/a"), UnorderedElementsAre(std::pair("a", "a")));
  const std::string base =
      engine_->state_path + "/" + snapshot->lower(1) + "/bin/";
  struct stat info;
  ASSERT_EQ(stat((base + "a").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 04755u);
  char value[64];
  EXPECT_EQ(getxattr((base + "cap").c_str(), "security.capability", value,
                     sizeof(value)),
            20);
  // The container's root looks like the image's.
  ASSERT_EQ(
      stat((engine_->state_path + "/" + snapshot->upper()).c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0711u);
  EXPECT_THAT(Actions(), ElementsAre("pull"));
}

TEST_F(TransferTest, ASecondPullFetchesNothing) {
  const TestImage image = Layered(registry_);
  ASSERT_THAT(Pull(image), IsOk());
  const int reads = registry_.blob_reads;
  const auto again = Pull(image);
  ASSERT_THAT(again, IsOk());
  EXPECT_TRUE(again->up_to_date());
  EXPECT_EQ(registry_.blob_reads, reads);
}

TEST_F(TransferTest, WrongBytesAreNeitherStoredNorShown) {
  const TestImage image = Layered(registry_);
  registry_.Corrupt(oci::Digest::Of(image.blobs[1]),
                    MakeGzip(MakeTar({MakeFile("evil", "")})));
  const auto result = Pull(image);
  EXPECT_THAT(result, StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(result, HasReason("DIGEST_MISMATCH"));
  ExpectNothingStored();
}

TEST_F(TransferTest, HostileLayersAreRefused) {
  const auto result = Pull(
      MakeImage(registry_, {{MakeLink("a", "/"), MakeFile("a/../../x", "")}}));
  EXPECT_THAT(result, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(result, HasReason("LAYER_INVALID"));
  ExpectNothingStored();
}

TEST_F(TransferTest, ATransferThatBrokeOffIsResumed) {
  std::string content;
  for (int i = 0; content.size() < 200'000; ++i) {
    content += oci::Digest::Of(std::to_string(i)).hex();
  }
  const TestImage image = MakeImage(registry_, {{MakeFile("f", content)}});
  registry_.break_after = 50'000;
  EXPECT_THAT(Pull(image), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(*engine_->catalog->Names(), IsEmpty());
  registry_.break_after = -1;
  ASSERT_THAT(Pull(image), IsOk());
  EXPECT_GE(registry_.last_offset, 50'000);
  ASSERT_THAT(Prepare("c1", kName), IsOk());
  EXPECT_EQ(Tree("c1")["f"], content);
}

TEST_F(TransferTest, ACallerThatLeavesStopsThePull) {
  const TestImage image = Layered(registry_);
  registry_.hold = true;
  // The config comes over the same way.
  EXPECT_THAT(Pull(image, kName, [] { return true; }),
              StatusIs(absl::StatusCode::kCancelled));
  registry_.hold = false;
  ExpectNothingStored();
}

TEST_F(TransferTest, ACallerThatLeavesStopsItsLayersOnly) {
  const TestImage image = Layered(registry_);
  hold_at_layers_ = true;
  absl::Status stays;
  std::thread other(
      [&] { stays = Pull(image, "localhost:5000/b:1").status(); });
  const auto layers_wait = [this] { return registry_.blob_reads >= 3; };
  EXPECT_THAT(Pull(image, kName, layers_wait),
              StatusIs(absl::StatusCode::kCancelled));
  hold_at_layers_ = false;
  registry_.hold = false;
  other.join();
  EXPECT_THAT(stays, IsOk());
  EXPECT_THAT(Prepare("c1", "localhost:5000/b:1"), IsOk());
  EXPECT_THAT(Prepare("c2", kName), HasReason("IMAGE_UNKNOWN"));
}

TEST_F(TransferTest, PullsOfTheSameImageShareTheTransfer) {
  const TestImage image = Layered(registry_);
  absl::Status first, second;
  std::thread one([&] { first = Pull(image, "localhost:5000/a:1").status(); });
  std::thread two([&] { second = Pull(image, "localhost:5000/b:1").status(); });
  one.join();
  two.join();
  EXPECT_THAT(first, IsOk());
  EXPECT_THAT(second, IsOk());
  EXPECT_EQ(engine_->catalog->Names()->size(), 2u);
  EXPECT_EQ(Names("l").size(), 2u);
}

TEST_F(TransferTest, UnlistedDirectoriesTakeTheirLooksFromBelow) {
  ASSERT_THAT(
      Pull(MakeImage(
          registry_,
          {{MakeDir("tmp", 01777), MakeDir("usr"), MakeDir("usr/lib", 0750),
            MakeFile("usr/lib/a", "a"), MakeLink("lib", "usr/lib")},
           {MakeFile("tmp/x", "x"), MakeFile("lib/b", "b")}})),
      IsOk());
  const auto snapshot = Prepare("c1", kName);
  ASSERT_THAT(snapshot, IsOk());
  const auto tree = Tree("c1");
  // The link below is replaced by a directory, which looks as what it led to.
  EXPECT_EQ(tree.at("lib/b"), "b");
  EXPECT_EQ(tree.at("usr/lib/a"), "a");
  EXPECT_EQ(tree.count("usr/lib/b"), 0u);
  struct stat info;
  const std::string top = engine_->state_path + "/" + snapshot->lower(0);
  ASSERT_EQ(stat((top + "/tmp").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 01777u);
  ASSERT_EQ(stat((top + "/lib").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0750u);
  // The variant and its record go with the image.
  EXPECT_THAT(engine_->snapshots->Release("c1"), IsOk());
  EXPECT_THAT(Remove(kName), IsOk());
  EXPECT_THAT(engine_->stack_catalog->All(), IsEmpty());
  ExpectNothingStored();
}

}  // namespace
}  // namespace tug::imaged
