// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/layers/ensure_layers.h"

#include <algorithm>
#include <atomic>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/base/thread.h"

namespace tug::imaged {
namespace {

struct Missing {
  oci::Digest blob;
  oci::Digest diff_id;
};

absl::Status UnpackOne(LayerCatalog& catalog, BlobStore& blobs,
                       const Unpacker& unpacker, const Missing& layer,
                       const std::function<bool()>& cancelled) {
  ASSIGN_OR_RETURN(const UniqueFd fd, blobs.Open(layer.blob));
  archive::FdSource source(fd.get());
  LayerInput input;
  input.source = &source;
  input.blob = layer.blob;
  input.diff_id = layer.diff_id;
  input.cancelled = cancelled;
  return IngestLayer(catalog, unpacker, input).status();
}

// The first failure of several threads.
class FirstFailure {
 public:
  void Add(const absl::Status& status) {
    if (status.ok()) return;
    absl::MutexLock lock(&mutex_);
    if (status_.ok()) status_ = status;
    failed_ = true;
  }
  bool failed() const { return failed_; }
  absl::Status status() {
    absl::MutexLock lock(&mutex_);
    return status_;
  }

 private:
  std::atomic<bool> failed_ = false;
  absl::Mutex mutex_;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

absl::Status CheckLayerCount(const oci::Manifest& manifest,
                             const oci::ImageConfig& config) {
  if (manifest.layers.size() == config.diff_ids.size()) {
    return absl::OkStatus();
  }
  return WithReason(
      absl::InvalidArgumentError(
          absl::StrCat("manifest: ", manifest.layers.size(),
                       " layers, but its config has ", config.diff_ids.size())),
      "MANIFEST_INVALID");
}

absl::Status EnsureLayers(LayerCatalog& catalog, BlobStore& blobs,
                          const Unpacker& unpacker,
                          const oci::Manifest& manifest,
                          const oci::ImageConfig& config,
                          const std::function<bool()>& cancelled) {
  RETURN_IF_ERROR(CheckLayerCount(manifest, config));
  std::vector<Missing> missing;
  std::set<oci::Digest> seen;
  for (size_t i = 0; i < config.diff_ids.size(); ++i) {
    const oci::Digest& diff_id = config.diff_ids[i];
    if (catalog.Find(diff_id).ok() || !seen.insert(diff_id).second) continue;
    missing.push_back({manifest.layers[i].digest, diff_id});
  }
  if (missing.empty()) return absl::OkStatus();

  FirstFailure failure;
  std::atomic<size_t> next = 0;
  const auto stop = [&] {
    return failure.failed() || (cancelled && cancelled());
  };
  const auto work = [&] {
    for (size_t i = next++; i < missing.size() && !failure.failed();
         i = next++) {
      failure.Add(UnpackOne(catalog, blobs, unpacker, missing[i], stop));
    }
  };
  std::vector<Thread> threads;
  const size_t count = std::min<size_t>(missing.size(), kMaxParallelLayers);
  for (size_t i = 1; i < count; ++i) {
    absl::StatusOr<Thread> thread = Thread::Start(work);
    if (!thread.ok()) break;  // Fewer do as well.
    threads.push_back(*std::move(thread));
  }
  work();
  for (Thread& thread : threads) thread.Join();
  return failure.status();
}

}  // namespace tug::imaged
