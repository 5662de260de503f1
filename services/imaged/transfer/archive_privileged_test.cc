// SPDX-License-Identifier: Apache-2.0
//
// Load, save and import.
#include "services/imaged/testing/transfer_fixture.h"

namespace tug::imaged {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

TEST_F(TransferTest, WhatIsSavedLoadsToTheSameImage) {
  ASSERT_THAT(Pull(Layered(registry_)), IsOk());
  image::v1::TagImageRequest tag;
  tag.set_name(kName);
  tag.set_target("b:2");
  ASSERT_THAT(TagImage(engine_->images, tag), IsOk());
  const std::string archive = Save({kName, "b:2"});
  EXPECT_EQ(Save({kName, "b:2"}), archive);
  const std::string id =
      engine_->catalog->Names()->begin()->second.target.digest.ToString();
  ASSERT_THAT(Remove(id, /*force=*/true), IsOk());
  ExpectNothingStored();
  ASSERT_THAT(Load(MakeGzip(archive)), IsOk());
  EXPECT_THAT(loaded_, UnorderedElementsAre(kName, "docker.io/library/b:2"));
  EXPECT_EQ(engine_->catalog->Names()->begin()->second.target.digest.ToString(),
            id);
  ASSERT_THAT(Prepare("c1", "b:2"), IsOk());
  EXPECT_EQ(Tree("c1")["opaque/new"], "new");
}

TEST_F(TransferTest, ArchivesOfOldEnginesAreLoaded) {
  FakeRegistry unused;
  const TestImage image = Layered(unused);
  const std::string id(64, 'd');
  const std::string manifest = absl::StrCat(
      R"([{"Config":"c.json","RepoTags":["old:1"],"Layers":["a/layer.tar",")",
      id, R"(/layer.tar"]}])");
  TestFile link = MakeLink(id + "/layer.tar", "../b/layer.tar");
  ASSERT_THAT(
      Load(MakeTar(
          {MakeFile("a/layer.tar", image.tars[0]), MakeFile("a/VERSION", "1.0"),
           MakeFile("b/layer.tar", image.tars[1]), link,
           MakeFile("c.json", image.config), MakeFile("repositories", "{}"),
           MakeFile("manifest.json", manifest)})),
      IsOk());
  EXPECT_THAT(loaded_, ElementsAre("docker.io/library/old:1"));
  ASSERT_THAT(Prepare("c1", "old:1"), IsOk());
  EXPECT_EQ(Tree("c1")["replaced"], "new");
  // Config, two layers, the manifest that was made; not VERSION.
  EXPECT_EQ(Names("blobs/sha256").size(), 4u);
}

TEST_F(TransferTest, BrokenArchivesLeaveNothing) {
  const std::string good = MakeTar({MakeFile("x", "y")});
  const std::string digest(64, 'a');
  for (const std::string& bytes :
       {std::string("no archive, but more than one block of text"), good,
        MakeTar({MakeFile("index.json", "{}")}),
        MakeTar({MakeFile("blobs/sha256/" + digest, "other bytes")}),
        MakeTar(
            {MakeFile("manifest.json", R"([{"Config":"../../etc/passwd"}])")}),
        MakeTar({MakeFile("manifest.json",
                          R"([{"Config":"nothing","Layers":[]}])")}),
        MakeGzip(good).substr(0, 60)}) {
    EXPECT_THAT(Load(bytes), HasReason("ARCHIVE_INVALID"));
    ExpectNothingStored();
  }
}

TEST_F(TransferTest, ADescriptorOfAnotherSizeIsRefused) {
  ASSERT_THAT(Pull(Layered(registry_)), IsOk());
  std::string archive = Save({kName});
  ASSERT_THAT(Remove(kName, /*force=*/true), IsOk());
  const size_t index = archive.find(R"("manifests":[)");
  ASSERT_NE(index, archive.npos);
  const size_t size = archive.find(R"("size":)", index) + 7;
  archive[size] = archive[size] == '1' ? '2' : '1';
  EXPECT_THAT(Load(archive), HasReason("ARCHIVE_INVALID"));
  ExpectNothingStored();
}

TEST_F(TransferTest, AnImportBecomesAnImageOfOneLayer) {
  absl::StatusOr<std::string> id;
  image::v1::ImportImageRequest request;
  request.set_reference("imported");
  request.set_message("by hand");
  request.mutable_config()->add_env("A=b");
  Through(
      [](int fd) {
        archive::FdSink(fd)
            .Write(MakeTar({MakeDir("./"), MakeFile("f", "content")}))
            .IgnoreError();
      },
      [&](int fd) {
        id = ImportImage(engine_->transfers, fd, request, [] { return false; });
      });
  ASSERT_THAT(id, IsOk());
  image::v1::GetImageRequest get;
  get.set_name("imported:latest");
  const auto image = GetImage(engine_->images, get);
  ASSERT_THAT(image, IsOk());
  EXPECT_EQ(image->id(), *id);
  EXPECT_EQ(image->history(0).comment(), "by hand");
  EXPECT_EQ(image->config().env(0), "A=b");
  ASSERT_THAT(Prepare("c1", *id), IsOk());
  EXPECT_EQ(Tree("c1")["f"], "content");
}

TEST_F(TransferTest, BusyboxOfThisMachineIsThereAfterLoad) {
  std::ifstream file("/bin/busybox", std::ios::binary);
  const std::string busybox((std::istreambuf_iterator<char>(file)),
                            std::istreambuf_iterator<char>());
  if (busybox.empty()) GTEST_SKIP() << "busybox-static is not installed";
  FakeRegistry unused;
  const TestImage image = MakeImage(
      unused, {{MakeDir("bin"), MakeFile("bin/busybox", busybox, 0755)}});
  ASSERT_THAT(
      Load(MakeTar(
          {MakeFile("l", image.blobs[0]), MakeFile("c", image.config),
           MakeFile("manifest.json", R"([{"Config":"c","RepoTags":["bb:1"],)"
                                     R"("Layers":["l"]}])")})),
      IsOk());
  ASSERT_THAT(Prepare("c1", "bb:1"), IsOk());
  EXPECT_TRUE(Tree("c1", "/bin/busybox")["busybox"] == busybox);
}

}  // namespace
}  // namespace tug::imaged
