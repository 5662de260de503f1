// SPDX-License-Identifier: Apache-2.0
#include "lib/kv/rocksdb_store.h"

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <cerrno>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "rocksdb/db.h"
#include "rocksdb/options.h"
#include "rocksdb/slice.h"
#include "rocksdb/write_batch.h"

namespace tug::kv {
namespace {

constexpr mode_t kDirectoryMode = 0700;
// Metadata is small: a few thousand records of a few kilobytes.
constexpr size_t kMemtableBytes = 4 << 20;
constexpr size_t kInfoLogBytes = 1 << 20;
constexpr size_t kInfoLogFiles = 2;
constexpr int kMaxOpenFiles = 256;
// To open a database again, its log is written out as a table.
constexpr uint64_t kRoomToReopen = 4 * kMemtableBytes;

rocksdb::Slice ToSlice(absl::string_view text) {
  return rocksdb::Slice(text.data(), text.size());
}

absl::Status FromRocksDb(const rocksdb::Status& status,
                         absl::string_view context) {
  if (status.ok()) return absl::OkStatus();
  const std::string message = absl::StrCat(context, ": ", status.ToString());
  if (status.IsNotFound()) return absl::NotFoundError(message);
  if (status.IsCorruption()) return absl::DataLossError(message);
  if (status.IsBusy() || absl::StrContains(message, "LOCK")) {
    return absl::FailedPreconditionError(message);
  }
  if (status.IsNoSpace()) return absl::ResourceExhaustedError(message);
  return absl::InternalError(message);
}

rocksdb::Options MetadataOptions() {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.write_buffer_size = kMemtableBytes;
  options.max_open_files = kMaxOpenFiles;
  options.max_log_file_size = kInfoLogBytes;
  options.keep_log_file_num = kInfoLogFiles;
  options.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  // A torn tail after a power cut is expected; a hole before it is not.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  return options;
}

absl::StatusOr<std::unique_ptr<rocksdb::DB>> Open(
    const std::string& directory) {
  rocksdb::DB* opened = nullptr;
  const rocksdb::Status status =
      rocksdb::DB::Open(MetadataOptions(), directory, &opened);
  std::unique_ptr<rocksdb::DB> db(opened);
  RETURN_IF_ERROR(
      FromRocksDb(status, absl::StrCat("open database ", directory)));
  return db;
}

bool HasRoom(const std::string& directory) {
  struct statvfs status;
  return statvfs(directory.c_str(), &status) == 0 &&
         static_cast<uint64_t>(status.f_bavail) * status.f_frsize >=
             kRoomToReopen;
}

// After a failed write (a full disk) RocksDB refuses all that follow, also once
// there is room again, and DB::Resume does not help where it was the log that
// could not be written (facebook/rocksdb issues 11643, 12998). So a write that
// fails is tried once more on the database opened anew, as soon as the file
// system has room; until then what is stored can still be read.
class RocksDbStore final : public KeyValueStore {
 public:
  RocksDbStore(std::unique_ptr<rocksdb::DB> db, std::string directory)
      : directory_(std::move(directory)), db_(std::move(db)) {}

  absl::StatusOr<std::string> Get(absl::string_view key) override {
    std::string value;
    absl::ReaderMutexLock lock(&mutex_);
    RETURN_IF_ERROR(CheckOpen());
    RETURN_IF_ERROR(
        FromRocksDb(db_->Get(rocksdb::ReadOptions(), ToSlice(key), &value),
                    absl::StrCat("read key ", key, " in ", directory_)));
    return value;
  }

  absl::Status Write(const WriteBatch& batch, Durability durability) override {
    rocksdb::WriteBatch updates;
    for (const WriteBatch::Operation& operation : batch.operations()) {
      const rocksdb::Status added =
          operation.put ? updates.Put(operation.key, operation.value)
                        : updates.Delete(operation.key);
      RETURN_IF_ERROR(FromRocksDb(added, "add to batch"));
    }
    rocksdb::WriteOptions options;
    options.sync = durability == Durability::kSynced;
    int64_t opening = 0;
    const absl::Status written = TryWrite(options, updates, opening);
    if (written.ok() || !HasRoom(directory_)) return written;
    LogIfError(written, "opening the database again");
    RETURN_IF_ERROR(Reopen(opening));
    return TryWrite(options, updates, opening);
  }

  absl::Status Scan(
      absl::string_view prefix,
      const std::function<bool(absl::string_view, absl::string_view)>& visit)
      override {
    std::vector<std::pair<std::string, std::string>> pairs;
    RETURN_IF_ERROR(Collect(prefix, pairs));
    // Without the lock: a visitor may write.
    for (const auto& [key, value] : pairs) {
      if (!visit(key, value)) break;
    }
    return absl::OkStatus();
  }

  absl::Status Compact(absl::string_view prefix) override {
    // Behind every key that begins with the prefix: those are text.
    const std::string end = absl::StrCat(prefix, "\xff");
    const rocksdb::Slice from = ToSlice(prefix), to(end);
    rocksdb::CompactRangeOptions options;
    options.bottommost_level_compaction =
        rocksdb::BottommostLevelCompaction::kForce;
    absl::ReaderMutexLock lock(&mutex_);
    RETURN_IF_ERROR(CheckOpen());
    return FromRocksDb(db_->CompactRange(options, &from, &to),
                       absl::StrCat("compact ", directory_));
  }

 private:
  absl::Status CheckOpen() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return db_ != nullptr
               ? absl::OkStatus()
               : absl::UnavailableError(absl::StrCat(
                     "database ", directory_,
                     " could not be opened again after a failed write"));
  }

  absl::Status Collect(
      absl::string_view prefix,
      std::vector<std::pair<std::string, std::string>>& pairs) {
    absl::ReaderMutexLock lock(&mutex_);
    RETURN_IF_ERROR(CheckOpen());
    // An iterator reads from the snapshot taken when it is made.
    const std::unique_ptr<rocksdb::Iterator> pair(
        db_->NewIterator(rocksdb::ReadOptions()));
    for (pair->Seek(ToSlice(prefix));
         pair->Valid() && pair->key().starts_with(ToSlice(prefix));
         pair->Next()) {
      pairs.emplace_back(pair->key().ToString(), pair->value().ToString());
    }
    return FromRocksDb(pair->status(), absl::StrCat("scan ", directory_));
  }

  // `opening`: the database that it was tried on.
  absl::Status TryWrite(const rocksdb::WriteOptions& options,
                        rocksdb::WriteBatch& updates, int64_t& opening) {
    absl::ReaderMutexLock lock(&mutex_);
    opening = openings_;
    RETURN_IF_ERROR(CheckOpen());
    return FromRocksDb(db_->Write(options, &updates),
                       absl::StrCat("write to ", directory_));
  }

  // Unless another writer has done so.
  absl::Status Reopen(int64_t failed) {
    absl::WriterMutexLock lock(&mutex_);
    if (openings_ != failed) return absl::OkStatus();
    db_.reset();  // Frees the lock that the next opening takes.
    ASSIGN_OR_RETURN(db_, Open(directory_));
    ++openings_;
    return absl::OkStatus();
  }

  const std::string directory_;
  absl::Mutex mutex_;
  // Null after a failed Reopen.
  std::unique_ptr<rocksdb::DB> db_ ABSL_GUARDED_BY(mutex_);
  int64_t openings_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<KeyValueStore>> OpenRocksDbStore(
    const std::string& directory) {
  if (mkdir(directory.c_str(), kDirectoryMode) != 0 && errno != EEXIST) {
    return ErrnoStatus(errno, absl::StrCat("create ", directory));
  }
  ASSIGN_OR_RETURN(auto db, Open(directory));
  return std::make_unique<RocksDbStore>(std::move(db), directory);
}

}  // namespace tug::kv
