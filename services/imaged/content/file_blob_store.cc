// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/content/file_blob_store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <map>
#include <set>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "lib/base/id.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/imaged/files/directory.h"
#include "services/tree/apply/space_guard.h"

namespace tug::imaged {
namespace {

constexpr time_t kUploadLifetimeSeconds = 24 * 60 * 60;
// Asks the kernel to begin writing early, so that the final sync is short.
constexpr int64_t kWritebackStep = 8 << 20;

class FileBlobStore final : public BlobStore {
 public:
  FileBlobStore(UniqueFd blobs, UniqueFd uploads, int max_space_percent)
      : blobs_(std::move(blobs)),
        uploads_(std::move(uploads)),
        max_space_percent_(max_space_percent) {}

  absl::Status Load();
  absl::StatusOr<int64_t> Size(const oci::Digest& digest) override;
  absl::StatusOr<UniqueFd> Open(const oci::Digest& digest) override;
  absl::StatusOr<std::unique_ptr<BlobWriter>> Write(
      absl::string_view name) override;
  absl::Status Delete(const oci::Digest& digest) override;
  std::vector<Info> List() override;

 private:
  friend class FileBlobWriter;
  absl::Status RemoveStaleUploads();
  absl::Status Publish(const std::string& upload, const oci::Digest& digest,
                       int64_t size);
  void Release(const std::string& upload);

  const UniqueFd blobs_;
  const UniqueFd uploads_;
  const int max_space_percent_;
  absl::Mutex mutex_;
  std::map<oci::Digest, int64_t> sizes_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> writing_ ABSL_GUARDED_BY(mutex_);
};

class FileBlobWriter final : public BlobWriter {
 public:
  FileBlobWriter(FileBlobStore& store, std::string name, UniqueFd fd,
                 int64_t least_free)
      : store_(store),
        name_(std::move(name)),
        fd_(std::move(fd)),
        space_(fd_.get(), least_free) {}

  ~FileBlobWriter() override {
    if (!keep_) unlinkat(store_.uploads_.get(), name_.c_str(), 0);
    store_.Release(name_);
  }

  // Hashes what an earlier upload left.
  absl::Status Resume();

  int64_t size() const override { return size_; }
  void Keep() override { keep_ = true; }
  absl::StatusOr<UniqueFd> OpenWritten() override {
    return OpenBeneath(store_.uploads_.get(), name_, O_RDONLY);
  }
  absl::Status Write(absl::string_view bytes) override;
  absl::StatusOr<oci::Digest> Commit(const oci::Digest* expected) override;

 private:
  FileBlobStore& store_;
  const std::string name_;
  const UniqueFd fd_;
  tree::SpaceGuard space_;
  oci::Sha256 hash_;
  int64_t size_ = 0;
  int64_t flushed_ = 0;
  bool keep_ = false;
};

absl::Status FileBlobWriter::Resume() {
  ASSIGN_OR_RETURN(const UniqueFd fd, OpenWritten());
  archive::FdSource source(fd.get());
  std::string buffer(256 << 10, '\0');
  while (true) {
    ASSIGN_OR_RETURN(const size_t count,
                     source.Read(buffer.data(), buffer.size()));
    if (count == 0) break;
    hash_.Update(absl::string_view(buffer.data(), count));
    size_ += static_cast<int64_t>(count);
  }
  flushed_ = size_;
  return absl::OkStatus();
}

absl::Status FileBlobWriter::Write(absl::string_view bytes) {
  hash_.Update(bytes);
  archive::FdSink sink(fd_.get());
  RETURN_IF_ERROR(sink.Write(bytes));
  const auto size = static_cast<int64_t>(bytes.size());
  const absl::Status space = space_.Charge(size);
  if (!space.ok()) {
    return Annotate(tree::ExplainSpace(space, store_.max_space_percent_,
                                       "max-unpack-percent"),
                    "blob");
  }
  size_ += size;
  if (size_ - flushed_ >= kWritebackStep) {
    sync_file_range(fd_.get(), flushed_, size_ - flushed_,
                    SYNC_FILE_RANGE_WRITE);
    flushed_ = size_;
  }
  return absl::OkStatus();
}

absl::StatusOr<oci::Digest> FileBlobWriter::Commit(
    const oci::Digest* expected) {
  const oci::Digest digest = hash_.Finish();
  if (expected != nullptr && digest != *expected) {
    return WithReason(
        absl::DataLossError(absl::StrCat("blob ", expected->ToString(),
                                         ": the bytes that came have digest ",
                                         digest.ToString())),
        "DIGEST_MISMATCH");
  }
  if (fchmod(fd_.get(), 0400) != 0) return ErrnoStatus(errno, "chmod blob");
  RETURN_IF_ERROR(Sync(fd_.get(), "blob"));
  RETURN_IF_ERROR(store_.Publish(name_, digest, size_));
  return digest;
}

absl::Status FileBlobStore::Load() {
  ASSIGN_OR_RETURN(const std::vector<std::string> names,
                   ListNames(blobs_.get()));
  absl::MutexLock lock(&mutex_);
  for (const std::string& name : names) {
    absl::StatusOr<oci::Digest> digest = oci::Digest::FromHex(name);
    struct stat info;
    if (!digest.ok() ||
        fstatat(blobs_.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
      continue;
    }
    sizes_[*digest] = info.st_size;
  }
  return RemoveStaleUploads();
}

absl::Status FileBlobStore::RemoveStaleUploads() {
  ASSIGN_OR_RETURN(const std::vector<std::string> names,
                   ListNames(uploads_.get()));
  const time_t oldest = time(nullptr) - kUploadLifetimeSeconds;
  for (const std::string& name : names) {
    struct stat info;
    if (fstatat(uploads_.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) !=
        0) {
      continue;
    }
    const bool resumable = oci::Digest::FromHex(name).ok();
    if (!resumable || info.st_mtime < oldest) {
      unlinkat(uploads_.get(), name.c_str(), 0);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<int64_t> FileBlobStore::Size(const oci::Digest& digest) {
  absl::MutexLock lock(&mutex_);
  const auto found = sizes_.find(digest);
  if (found == sizes_.end()) {
    return absl::NotFoundError(absl::StrCat("no blob ", digest.ToString()));
  }
  return found->second;
}

absl::StatusOr<UniqueFd> FileBlobStore::Open(const oci::Digest& digest) {
  RETURN_IF_ERROR(Size(digest).status());
  return OpenBeneath(blobs_.get(), digest.hex(), O_RDONLY);
}

absl::StatusOr<std::unique_ptr<BlobWriter>> FileBlobStore::Write(
    absl::string_view name) {
  std::string upload(name);
  if (upload.empty()) {
    upload = absl::StrCat("new-", absl::BytesToHexString(RandomBytes(12)));
  } else {
    RETURN_IF_ERROR(oci::Digest::FromHex(upload).status());
  }
  {
    absl::MutexLock lock(&mutex_);
    if (!writing_.insert(upload).second) {
      return absl::AbortedError(
          absl::StrCat("upload ", upload, " has another writer"));
    }
  }
  UniqueFd fd(openat(uploads_.get(), upload.c_str(),
                     O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC,
                     0600));
  if (!fd) {
    const int error = errno;
    Release(upload);
    return ErrnoStatus(error, absl::StrCat("make upload ", upload));
  }
  const absl::StatusOr<int64_t> least_free =
      tree::LeastFree(fd.get(), max_space_percent_);
  auto writer = std::make_unique<FileBlobWriter>(*this, upload, std::move(fd),
                                                 least_free.value_or(0));
  RETURN_IF_ERROR(writer->Resume());
  return std::unique_ptr<BlobWriter>(std::move(writer));
}

absl::Status FileBlobStore::Publish(const std::string& upload,
                                    const oci::Digest& digest, int64_t size) {
  if (renameat(uploads_.get(), upload.c_str(), blobs_.get(),
               digest.hex().c_str()) != 0) {
    return ErrnoStatus(errno, absl::StrCat("publish ", digest.ToString()));
  }
  RETURN_IF_ERROR(Sync(blobs_.get(), "blob directory"));
  absl::MutexLock lock(&mutex_);
  sizes_[digest] = size;
  return absl::OkStatus();
}

void FileBlobStore::Release(const std::string& upload) {
  absl::MutexLock lock(&mutex_);
  writing_.erase(upload);
}

absl::Status FileBlobStore::Delete(const oci::Digest& digest) {
  {
    absl::MutexLock lock(&mutex_);
    sizes_.erase(digest);
  }
  if (unlinkat(blobs_.get(), digest.hex().c_str(), 0) != 0 && errno != ENOENT) {
    return ErrnoStatus(errno, absl::StrCat("delete ", digest.ToString()));
  }
  return absl::OkStatus();
}

std::vector<BlobStore::Info> FileBlobStore::List() {
  std::vector<Info> all;
  absl::MutexLock lock(&mutex_);
  all.reserve(sizes_.size());
  for (const auto& [digest, size] : sizes_) all.push_back({digest, size});
  return all;
}

}  // namespace

absl::StatusOr<std::unique_ptr<BlobStore>> OpenFileBlobStore(
    int state, int max_space_percent) {
  ASSIGN_OR_RETURN(const UniqueFd blobs, MakeDirectory(state, "blobs", 0700));
  ASSIGN_OR_RETURN(UniqueFd sha256, MakeDirectory(blobs.get(), "sha256", 0700));
  ASSIGN_OR_RETURN(UniqueFd uploads, MakeDirectory(state, "uploads", 0700));
  auto store = std::make_unique<FileBlobStore>(
      std::move(sha256), std::move(uploads), max_space_percent);
  RETURN_IF_ERROR(store->Load());
  return std::unique_ptr<BlobStore>(std::move(store));
}

}  // namespace tug::imaged
