// SPDX-License-Identifier: Apache-2.0
//
// Pull, load, save, import, prepare, read, diff and remove with the real
// unpacker on a real directory; only the registry is a fake.
#pragma once

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
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/archive/tar_reader.h"
#include "lib/kv/memory_store.h"
#include "lib/testing/privileged_test.h"
#include "lib/testing/status_matchers.h"
#include "lib/testing/temp_dir.h"
#include "services/imaged/images/convert.h"
#include "services/imaged/stacks/base_layer.h"
#include "services/imaged/testing/test_engine.h"
#include "services/imaged/testing/test_image.h"
#include "services/imaged/transfer/import_image.h"
#include "services/imaged/transfer/load_images.h"
#include "services/imaged/transfer/pull_image.h"
#include "services/imaged/transfer/save_images.h"
#include "services/imaged/trees/tree_tar.h"

namespace tug::imaged {

using image::v1::LayerProgress;

inline constexpr char kName[] = "localhost:5000/a:1";

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
    Through([&](int fd) { archive::FdSink(fd).Write(bytes).IgnoreError(); },
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

  // Path to content (files) or kind of the merged tree of a lease, without what
  // only the base layer has.
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
      const std::string shown =
          absl::StrCat("/", absl::StripSuffix((*entry)->path, "/"));
      if (path == "/" && IsOfBaseLayer(shown)) continue;
      files[(*entry)->path] = value;
    }
    return files;
  }

  std::vector<std::string> Names(const std::string& folder) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(
             engine_->state_path + "/" + folder)) {
      names.push_back(entry.path().filename());
    }
    return names;
  }

  void ExpectNothingStored() {
    engine_->trash->Drain();
    EXPECT_THAT(Names("blobs/sha256"), testing::IsEmpty());
    EXPECT_THAT(Names("uploads"), testing::IsEmpty());
    EXPECT_THAT(Names("l"), testing::IsEmpty());
    EXPECT_THAT(*engine_->catalog->Names(), testing::IsEmpty());
  }

  absl::StatusOr<image::v1::RemoveImageResponse> Remove(const std::string& name,
                                                        bool force = false) {
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
inline TestImage Layered(FakeRegistry& registry) {
  TestFile capability = MakeFile("bin/cap", "c", 0755);
  capability.entry.xattrs["security.capability"] =
      std::string("\x01\0\0\x02\0\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20);
  return MakeImage(
      registry,
      {{MakeDir("./", 0711), MakeDir("bin"), MakeFile("bin/a", "a", 04755),
        capability, MakeDir("gone"), MakeFile("gone/x", "x"), MakeDir("opaque"),
        MakeFile("opaque/old", "old"), MakeFile("replaced", "old"),
        MakeLink("link", "/bin")},
       {MakeFile(".wh.gone", ""), MakeDir("opaque"),
        MakeFile("opaque/.wh..wh..opq", ""), MakeFile("opaque/new", "new"),
        MakeFile("replaced", "new")}});
}

}  // namespace tug::imaged
