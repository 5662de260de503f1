// SPDX-License-Identifier: Apache-2.0
#include "lib/kv/memory_store.h"

#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"

namespace tug::kv {
namespace {

using Pairs = std::map<std::string, std::string, std::less<>>;

class MemoryStore final : public KeyValueStore {
 public:
  absl::StatusOr<std::string> Get(absl::string_view key) override {
    absl::MutexLock lock(&mutex_);
    const auto found = pairs_.find(key);
    if (found == pairs_.end()) {
      return absl::NotFoundError(absl::StrCat("no key ", key));
    }
    return found->second;
  }

  absl::Status Write(const WriteBatch& batch, Durability) override {
    absl::MutexLock lock(&mutex_);
    for (const WriteBatch::Operation& operation : batch.operations()) {
      if (operation.put) {
        pairs_[operation.key] = operation.value;
      } else {
        pairs_.erase(operation.key);
      }
    }
    return absl::OkStatus();
  }

  absl::Status Scan(
      absl::string_view prefix,
      const std::function<bool(absl::string_view, absl::string_view)>& visit)
      override {
    // A copy, so that `visit` may write.
    const Pairs snapshot = Snapshot();
    for (auto pair = snapshot.lower_bound(prefix);
         pair != snapshot.end() && absl::StartsWith(pair->first, prefix);
         ++pair) {
      if (!visit(pair->first, pair->second)) break;
    }
    return absl::OkStatus();
  }

  absl::Status Compact(absl::string_view) override { return absl::OkStatus(); }

 private:
  Pairs Snapshot() {
    absl::MutexLock lock(&mutex_);
    return pairs_;
  }

  absl::Mutex mutex_;
  Pairs pairs_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<KeyValueStore> NewMemoryStore() {
  return std::make_unique<MemoryStore>();
}

}  // namespace tug::kv
