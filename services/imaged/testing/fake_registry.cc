// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/testing/fake_registry.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace tug::imaged {
namespace {

class FakeBlob final : public archive::Source {
 public:
  FakeBlob(std::string bytes, const FakeRegistry& registry,
           std::function<bool()> cancelled)
      : bytes_(std::move(bytes)),
        registry_(registry),
        break_after_(registry.break_after),
        cancelled_(std::move(cancelled)) {}

  absl::StatusOr<size_t> Read(char* buffer, size_t size) override {
    while (registry_.hold) {
      if (cancelled_()) return absl::CancelledError("cancelled");
      absl::SleepFor(absl::Milliseconds(1));
    }
    if (break_after_ >= 0 && static_cast<int64_t>(at_) >= break_after_) {
      return absl::UnavailableError("the connection broke");
    }
    size = std::min<size_t>({size, bytes_.size() - at_, 1000});
    bytes_.copy(buffer, size, at_);
    at_ += size;
    return size;
  }

 private:
  const std::string bytes_;
  const FakeRegistry& registry_;
  const int64_t break_after_;
  const std::function<bool()> cancelled_;
  size_t at_ = 0;
};

}  // namespace

oci::Digest FakeRegistry::Add(const std::string& bytes) {
  const oci::Digest digest = oci::Digest::Of(bytes);
  content_[digest] = bytes;
  return digest;
}

void FakeRegistry::Corrupt(const oci::Digest& digest,
                           const std::string& bytes) {
  content_[digest] = bytes;
}

absl::StatusOr<RegistryPeer::Manifest> FakeRegistry::GetManifest(
    const RemoteRepository&, const oci::Digest& digest) {
  const auto found = content_.find(digest);
  if (found == content_.end()) return absl::NotFoundError("no manifest");
  return Manifest{"", found->second};
}

absl::StatusOr<std::unique_ptr<archive::Source>> FakeRegistry::ReadBlob(
    const RemoteRepository&, const oci::Digest& digest, int64_t offset, int64_t,
    std::function<bool()> cancelled) {
  const auto found = content_.find(digest);
  if (found == content_.end()) {
    return absl::NotFoundError(absl::StrCat("no blob ", digest.ToString()));
  }
  ++blob_reads;
  last_offset = offset;
  return std::unique_ptr<archive::Source>(std::make_unique<FakeBlob>(
      found->second.substr(static_cast<size_t>(offset)), *this,
      std::move(cancelled)));
}

}  // namespace tug::imaged
