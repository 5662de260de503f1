// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/testing/status_matchers.h"
#include "lib/testing/temp_dir.h"
#include "services/imaged/content/file_blob_store.h"

namespace tug::imaged {
namespace {

namespace fs = std::filesystem;

class FileBlobStoreTest : public testing::Test {
 protected:
  FileBlobStoreTest() { Reopen(); }
  void Reopen() {
    store_.reset();
    const UniqueFd state(
        open(temp_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    store_ = std::move(OpenFileBlobStore(state.get())).value();
  }
  bool UploadsAreEmpty() { return fs::is_empty(temp_.path() + "/uploads"); }

  TempDir temp_;
  std::unique_ptr<BlobStore> store_;
};

TEST_F(FileBlobStoreTest, ABlobIsInvisibleUntilCommitted) {
  const oci::Digest digest = oci::Digest::Of("hello");
  auto writer = store_->Write("");
  ASSERT_THAT(writer, IsOk());
  ASSERT_THAT((*writer)->Write("hello"), IsOk());
  EXPECT_THAT(store_->Size(digest), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT((*writer)->Commit(&digest), IsOkAndHolds(digest));
  EXPECT_THAT(store_->Size(digest), IsOkAndHolds(5));
  EXPECT_THAT(ReadBlob(*store_, digest), IsOkAndHolds("hello"));
  writer->reset();
  Reopen();
  EXPECT_THAT(ReadBlob(*store_, digest), IsOkAndHolds("hello"));
}

TEST_F(FileBlobStoreTest, WrongContentIsThrownAway) {
  const oci::Digest expected = oci::Digest::Of("expected");
  {
    auto writer = store_->Write(expected.hex());
    ASSERT_THAT((*writer)->Write("other"), IsOk());
    const auto result = (*writer)->Commit(&expected);
    EXPECT_THAT(result, StatusIs(absl::StatusCode::kDataLoss));
    EXPECT_THAT(result, HasReason("DIGEST_MISMATCH"));
  }
  EXPECT_TRUE(UploadsAreEmpty());
  EXPECT_THAT(store_->List(), testing::IsEmpty());
}

TEST_F(FileBlobStoreTest, KeptUploadsAreResumedAlsoAfterARestart) {
  const oci::Digest digest = oci::Digest::Of("hello");
  {
    auto writer = store_->Write(digest.hex());
    ASSERT_THAT((*writer)->Write("hel"), IsOk());
    (*writer)->Keep();
  }
  Reopen();
  auto writer = store_->Write(digest.hex());
  ASSERT_THAT(writer, IsOk());
  EXPECT_EQ((*writer)->size(), 3);
  ASSERT_THAT((*writer)->Write("lo"), IsOk());
  EXPECT_THAT((*writer)->Commit(&digest), IsOk());
}

TEST_F(FileBlobStoreTest, AnUploadHasOneWriter) {
  const std::string name = oci::Digest::Of("x").hex();
  auto first = store_->Write(name);
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(store_->Write(name), StatusIs(absl::StatusCode::kAborted));
  first->reset();
  EXPECT_THAT(store_->Write(name), IsOk());
}

TEST_F(FileBlobStoreTest, DroppedAndAnonymousUploadsVanish) {
  {
    auto writer = store_->Write("");
    ASSERT_THAT((*writer)->Write("x"), IsOk());
  }
  EXPECT_TRUE(UploadsAreEmpty());
  // What a killed process left.
  std::ofstream(temp_.path() + "/uploads/new-abc") << "x";
  Reopen();
  EXPECT_TRUE(UploadsAreEmpty());
}

TEST_F(FileBlobStoreTest, UploadNamesCannotLeaveTheFolder) {
  for (const char* name : {"../x", "a/b", "."}) {
    EXPECT_THAT(store_->Write(name),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

TEST_F(FileBlobStoreTest, DeletedBlobsAreGoneAndDeletingTwiceIsFine) {
  const auto digest = PutBlob(*store_, "x");
  ASSERT_THAT(digest, IsOk());
  EXPECT_THAT(store_->Delete(*digest), IsOk());
  EXPECT_THAT(store_->Delete(*digest), IsOk());
  EXPECT_THAT(store_->Open(*digest), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(FileBlobStoreTest, DamageOnDiskIsNoticed) {
  const auto digest = PutBlob(*store_, "hello");
  ASSERT_THAT(digest, IsOk());
  const std::string path = temp_.path() + "/blobs/sha256/" + digest->hex();
  ASSERT_EQ(chmod(path.c_str(), 0600), 0);
  std::ofstream(path) << "jello";
  EXPECT_THAT(ReadBlob(*store_, *digest),
              StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace tug::imaged
