// SPDX-License-Identifier: Apache-2.0
#include "lib/kv/rocksdb_store.h"

#include <sys/stat.h>

#include <cerrno>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
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

rocksdb::Slice ToSlice(absl::string_view text) {
  return rocksdb::Slice(text.data(), text.size());
}

absl::string_view ToView(const rocksdb::Slice& slice) {
  return absl::string_view(slice.data(), slice.size());
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

class RocksDbStore final : public KeyValueStore {
 public:
  RocksDbStore(std::unique_ptr<rocksdb::DB> db, std::string directory)
      : db_(std::move(db)), directory_(std::move(directory)) {}

  absl::StatusOr<std::string> Get(absl::string_view key) override {
    std::string value;
    RETURN_IF_ERROR(FromRocksDb(
        db_->Get(rocksdb::ReadOptions(), ToSlice(key), &value),
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
    return FromRocksDb(db_->Write(options, &updates),
                       absl::StrCat("write to ", directory_));
  }

  absl::Status Scan(
      absl::string_view prefix,
      const std::function<bool(absl::string_view, absl::string_view)>& visit)
      override {
    // An iterator reads from the snapshot taken when it is made.
    const std::unique_ptr<rocksdb::Iterator> pair(
        db_->NewIterator(rocksdb::ReadOptions()));
    for (pair->Seek(ToSlice(prefix));
         pair->Valid() && pair->key().starts_with(ToSlice(prefix));
         pair->Next()) {
      if (!visit(ToView(pair->key()), ToView(pair->value()))) break;
    }
    return FromRocksDb(pair->status(), absl::StrCat("scan ", directory_));
  }

 private:
  const std::unique_ptr<rocksdb::DB> db_;
  const std::string directory_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<KeyValueStore>> OpenRocksDbStore(
    const std::string& directory) {
  if (mkdir(directory.c_str(), kDirectoryMode) != 0 && errno != EEXIST) {
    return ErrnoStatus(errno, absl::StrCat("create ", directory));
  }
  rocksdb::DB* opened = nullptr;
  const rocksdb::Status status =
      rocksdb::DB::Open(MetadataOptions(), directory, &opened);
  std::unique_ptr<rocksdb::DB> db(opened);
  RETURN_IF_ERROR(
      FromRocksDb(status, absl::StrCat("open database ", directory)));
  return std::make_unique<RocksDbStore>(std::move(db), directory);
}

}  // namespace tug::kv
