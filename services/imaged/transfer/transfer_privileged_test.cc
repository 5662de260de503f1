// SPDX-License-Identifier: Apache-2.0
//
// Pull, load, save, import, prepare, read, diff and remove with the real
// unpacker on a real directory; only the registry is a fake.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/archive/tar_reader.h"
#include "lib/kv/memory_store.h"
#include "lib/testing/privileged_test.h"
#include "lib/testing/status_matchers.h"
#include "lib/testing/temp_dir.h"
#include "services/imaged/images/convert.h"
#include "services/imaged/snapshots/tree_tar.h"
#include "services/imaged/testing/test_engine.h"
#include "services/imaged/testing/test_image.h"
#include "services/imaged/transfer/import_image.h"
#include "services/imaged/transfer/load_images.h"
#include "services/imaged/transfer/pull_image.h"
#include "services/imaged/transfer/save_images.h"

namespace tug::imaged {
namespace {

namespace fs = std::filesystem;
using image::v1::LayerProgress;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr char kName[] = "localhost:5000/a:1";

class TransferTest : public PrivilegedTest {
 protected:
  void SetUp() override {
    PrivilegedTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    Restart();
  }
  void Restart() {
    engine_.reset();
    engine_ = std::make_unique<TestEngine>(temp_.path() + "/state", *store_);
  }

  absl::StatusOr<image::v1::PullResult> Pull(
      const TestImage& image, const std::string& name = kName,
      const Cancelled& cancelled = [] { return false; }) {
    image::v1::PullImageRequest request;
    request.set_reference(name);
    *request.mutable_resolved() = ToProto(image.target);
    return PullImage(
        engine_->transfers, registry_, engine_->flights, request,
        [this](const LayerProgress&) {
          if (hold_at_layers_) registry_.hold = true;
        },
        cancelled);
  }

  // Runs `write` on one end of a socket while `read` has the other.
  template <typename Write, typename Read>
  void Through(Write write, Read read) {
    int ends[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    UniqueFd writer_end(ends[0]);
    const UniqueFd reader_end(ends[1]);
    std::thread writer([&] {
      write(writer_end.get());
      writer_end.reset();
    });
    read(reader_end.get());
    writer.join();
  }

  absl::Status Load(const std::string& bytes) {
    absl::Status status;
    loaded_.clear();
    Through(
        [&](int fd) {
          archive::FdSink(fd).Write(bytes).IgnoreError();
        },
        [&](int fd) {
          status = LoadImages(
              engine_->transfers, fd, {}, [](const LayerProgress&) {},
              [this](const image::v1::LoadedImage& image) {
                loaded_.push_back(image.reference());
              },
              [] { return false; });
        });
    return status;
  }

  std::string Save(const std::vector<std::string>& names) {
    image::v1::SaveImagesRequest request;
    for (const std::string& name : names) request.add_names(name);
    auto plan = SavePlan::Make(engine_->transfers, request);
    EXPECT_THAT(plan, IsOk());
    archive::StringSink sink;
    EXPECT_THAT((*plan)->Write(sink, [] { return false; }), IsOk());
    return sink.text;
  }

  absl::StatusOr<image::v1::Snapshot> Prepare(const std::string& lease,
                                              const std::string& image) {
    image::v1::PrepareSnapshotRequest request;
    request.set_lease(lease);
    request.set_image_id(image);
    return PrepareSnapshot(engine_->snapshot_parts, request);
  }

  // Path to content (files) or kind of the merged tree of a lease.
  std::map<std::string, std::string> Tree(const std::string& lease,
                                          const std::string& path = "/") {
    std::map<std::string, std::string> files;
    auto tree = OpenTree(engine_->snapshot_parts, lease);
    EXPECT_THAT(tree, IsOk());
    const auto resolved = tree->Resolve(path);
    EXPECT_THAT(resolved, IsOk());
    archive::StringSink sink;
    archive::TarWriter writer(sink);
    EXPECT_THAT(WriteTree(*tree, *resolved, writer, {}), IsOk());
    EXPECT_THAT(writer.Finish(), IsOk());
    archive::MemorySource source(sink.text);
    archive::TarReader reader(source);
    while (true) {
      const auto entry = reader.Next();
      EXPECT_THAT(entry, IsOk());
      if (!entry.ok() || !entry->has_value()) break;
      std::string value = *reader.ReadContent(16 << 20);
      if ((*entry)->type == archive::EntryType::kSymlink) {
        value = absl::StrCat("-> ", (*entry)->link_target);
      } else if ((*entry)->type == archive::EntryType::kHardLink) {
        value = absl::StrCat("= ", (*entry)->link_target);
      }
      files[(*entry)->path] = value;
    }
    return files;
  }

  std::vector<std::string> Names(const std::string& folder) {
    std::vector<std::string> names;
    for (const auto& entry :
         fs::directory_iterator(engine_->state_path + "/" + folder)) {
      names.push_back(entry.path().filename());
    }
    return names;
  }

  void ExpectNothingStored() {
    engine_->trash->Drain();
    EXPECT_THAT(Names("blobs/sha256"), IsEmpty());
    EXPECT_THAT(Names("uploads"), IsEmpty());
    EXPECT_THAT(Names("l"), IsEmpty());
    EXPECT_THAT(*engine_->catalog->Names(), IsEmpty());
  }

  absl::StatusOr<image::v1::RemoveImageResponse> Remove(
      const std::string& name, bool force = false) {
    image::v1::RemoveImageRequest request;
    request.set_name(name);
    request.set_force(force);
    return RemoveImage(engine_->images, request);
  }

  std::vector<std::string> Actions() {
    std::vector<std::string> actions;
    int64_t at = engine_->bus.before_oldest_sequence();
    while (true) {
      const auto event = engine_->bus.Next(at, absl::Now());
      if (!event.ok()) return actions;
      at = event->sequence();
      actions.push_back(event->action());
    }
  }

  TempDir temp_;
  std::unique_ptr<kv::KeyValueStore> store_ = kv::NewMemoryStore();
  FakeRegistry registry_;
  std::unique_ptr<TestEngine> engine_;
  // Stops the registry once config and manifest have come.
  std::atomic<bool> hold_at_layers_ = false;
  std::vector<std::string> loaded_;
};

// Two layers: a base, and one that changes it in every way.
TestImage Layered(FakeRegistry& registry) {
  TestFile capability = MakeFile("bin/cap", "c", 0755);
  capability.entry.xattrs["security.capability"] =
      std::string("\x01\0\0\x02\0\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20);
  return MakeImage(
      registry,
      {{MakeDir("./", 0711), MakeDir("bin"), MakeFile("bin/a", "a", 04755),
        capability, MakeDir("gone"), MakeFile("gone/x", "x"),
        MakeDir("opaque"), MakeFile("opaque/old", "old"),
        MakeFile("replaced", "old"), MakeLink("link", "/bin")},
       {MakeFile(".wh.gone", ""), MakeDir("opaque"),
        MakeFile("opaque/.wh..wh..opq", ""), MakeFile("opaque/new", "new"),
        MakeFile("replaced", "new")}});
}

TEST_F(TransferTest, PulledLayersShowWhatOverlayWould) {
  ASSERT_THAT(Pull(Layered(registry_)), IsOk());
  const auto snapshot = Prepare("c1", kName);
  ASSERT_THAT(snapshot, IsOk());
  EXPECT_EQ(snapshot->lower_size(), 2);
  EXPECT_THAT(Tree("c1"),
              UnorderedElementsAre(
                  std::pair("./", ""), std::pair("bin/", ""),
                  std::pair("bin/a", "a"), std::pair("bin/cap", "c"),
                  std::pair("link", "-> /bin"), std::pair("opaque/", ""),
                  std::pair("opaque/new", "new"),
                  std::pair("replaced", "new")));
  EXPECT_THAT(Tree("c1", "/link/a"),
              UnorderedElementsAre(std::pair("a", "a")));
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
  const auto result = Pull(MakeImage(
      registry_, {{MakeLink("a", "/"), MakeFile("a/../../x", "")}}));
  EXPECT_THAT(result, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(result, HasReason("LAYER_INVALID"));
  ExpectNothingStored();
}

TEST_F(TransferTest, ATransferThatBrokeOffIsResumed) {
  std::string content;
  for (int i = 0; content.size() < 200'000; ++i) {
    content += oci::Digest::Of(std::to_string(i)).hex();
  }
  const TestImage image =
      MakeImage(registry_, {{MakeFile("f", content)}});
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
      Pull(MakeImage(registry_,
                     {{MakeDir("tmp", 01777), MakeDir("usr"),
                       MakeDir("usr/lib", 0750), MakeFile("usr/lib/a", "a"),
                       MakeLink("lib", "usr/lib")},
                      {MakeFile("tmp/x", "x"), MakeFile("lib/b", "b")}})),
      IsOk());
  const auto snapshot = Prepare("c1", kName);
  ASSERT_THAT(snapshot, IsOk());
  const auto tree = Tree("c1");
  EXPECT_EQ(tree.at("lib"), "-> usr/lib");
  EXPECT_EQ(tree.at("usr/lib/a"), "a");
  EXPECT_EQ(tree.at("usr/lib/b"), "b");
  struct stat info;
  const std::string top = engine_->state_path + "/" + snapshot->lower(0);
  ASSERT_EQ(stat((top + "/tmp").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 01777u);
  ASSERT_EQ(stat((top + "/usr/lib").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0750u);
  // The variant and its record go with the image.
  EXPECT_THAT(engine_->snapshots->Release("c1"), IsOk());
  EXPECT_THAT(Remove(kName), IsOk());
  EXPECT_THAT(engine_->stack_catalog->All(), IsEmpty());
  ExpectNothingStored();
}

TEST_F(TransferTest, ChangesOfAContainerAreTold) {
  ASSERT_THAT(Pull(Layered(registry_)), IsOk());
  const auto snapshot = Prepare("c1", kName);
  ASSERT_THAT(snapshot, IsOk());
  const std::string upper = engine_->state_path + "/" + snapshot->upper();
  fs::create_directory(upper + "/bin");
  ASSERT_EQ(mknod((upper + "/bin/a").c_str(), S_IFCHR, makedev(0, 0)), 0);
  fs::create_directory(upper + "/opaque");
  ASSERT_EQ(setxattr((upper + "/opaque").c_str(), "trusted.overlay.opaque",
                     "y", 1, 0),
            0);
  std::ofstream(upper + "/fresh") << "f";
  std::ofstream(upper + "/replaced") << "r";
  const auto diff = DiffSnapshot(engine_->snapshot_parts, "c1");
  ASSERT_THAT(diff, IsOk());
  std::vector<std::string> changes;
  for (const auto& change : diff->changes()) {
    changes.push_back(absl::StrCat(change.path(), " ", change.kind()));
  }
  EXPECT_THAT(changes, ElementsAre("/bin 1", "/bin/a 3", "/fresh 2",
                                   "/opaque 1", "/opaque/new 3",
                                   "/replaced 1"));
  const auto tree = Tree("c1");
  EXPECT_EQ(tree.count("bin/a"), 0u);
  EXPECT_EQ(tree.count("opaque/new"), 0u);
  EXPECT_EQ(tree.at("fresh"), "f");
}

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
  EXPECT_EQ(
      engine_->catalog->Names()->begin()->second.target.digest.ToString(), id);
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
      Load(MakeTar({MakeFile("a/layer.tar", image.tars[0]),
                    MakeFile("a/VERSION", "1.0"),
                    MakeFile("b/layer.tar", image.tars[1]), link,
                    MakeFile("c.json", image.config),
                    MakeFile("repositories", "{}"),
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
        MakeTar({MakeFile("manifest.json",
                          R"([{"Config":"../../etc/passwd"}])")}),
        MakeTar({MakeFile("manifest.json",
                          R"([{"Config":"nothing","Layers":[]}])")}),
        MakeGzip(good).substr(0, 60)}) {
    EXPECT_THAT(Load(bytes), HasReason("ARCHIVE_INVALID"));
    ExpectNothingStored();
  }
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
        id = ImportImage(engine_->transfers, fd, request,
                         [] { return false; });
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
  ASSERT_THAT(Pull(MakeImage(registry_, {{MakeFile("o", "")}}), "o:1"),
              IsOk());
  EXPECT_THAT(Prepare("c1", "o:1"), HasReason("LEASE_TAKEN"));
}

TEST_F(TransferTest, LostLayersAreUnpackedAgain) {
  ASSERT_THAT(Pull(Layered(registry_)), IsOk());
  for (const v1::LayerRecord& layer : engine_->layers->List()) {
    ASSERT_THAT(
        engine_->layers->Remove(*oci::Digest::FromHex(layer.diff_id())),
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
    ASSERT_THAT(store_->Put(key, record.SerializeAsString(),
                            kv::Durability::kUnsynced),
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

TEST_F(TransferTest, BusyboxOfThisMachineIsThereAfterLoad) {
  std::ifstream file("/bin/busybox", std::ios::binary);
  const std::string busybox((std::istreambuf_iterator<char>(file)),
                            std::istreambuf_iterator<char>());
  if (busybox.empty()) GTEST_SKIP() << "busybox-static is not installed";
  FakeRegistry unused;
  const TestImage image = MakeImage(
      unused, {{MakeDir("bin"), MakeFile("bin/busybox", busybox, 0755)}});
  ASSERT_THAT(
      Load(MakeTar({MakeFile("l", image.blobs[0]), MakeFile("c", image.config),
                    MakeFile("manifest.json",
                             R"([{"Config":"c","RepoTags":["bb:1"],)"
                             R"("Layers":["l"]}])")})),
      IsOk());
  ASSERT_THAT(Prepare("c1", "bb:1"), IsOk());
  EXPECT_TRUE(Tree("c1", "/bin/busybox")["busybox"] == busybox);
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
