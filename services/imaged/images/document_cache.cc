// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/images/document_cache.h"

#include "lib/base/status_macros.h"

namespace tug::imaged {

template <typename Parsed>
std::shared_ptr<const Parsed> DocumentCache::Kept<Parsed>::Find(
    const oci::Digest& digest) const {
  const auto found = entries.find(digest);
  return found == entries.end() ? nullptr : found->second.parsed;
}

template <typename Parsed>
void DocumentCache::Kept<Parsed>::Put(const oci::Digest& digest,
                                      std::shared_ptr<const Parsed> parsed,
                                      size_t bytes) {
  Erase(digest);
  if (!budget.Fits(bytes)) {
    entries.clear();
    budget = ByteBudget(kKept);
  }
  if (budget.TryTake(bytes)) entries[digest] = {std::move(parsed), bytes};
}

template <typename Parsed>
void DocumentCache::Kept<Parsed>::Erase(const oci::Digest& digest) {
  const auto found = entries.find(digest);
  if (found == entries.end()) return;
  budget.Give(found->second.bytes);
  entries.erase(found);
}

absl::StatusOr<std::shared_ptr<const oci::Document>> DocumentCache::Document(
    const oci::Descriptor& descriptor) {
  {
    absl::MutexLock lock(&mutex_);
    auto found = documents_.Find(descriptor.digest);
    if (found != nullptr) return found;
  }
  ASSIGN_OR_RETURN(const std::string text, ReadBlob(blobs_, descriptor.digest));
  ASSIGN_OR_RETURN(oci::Document parsed,
                   oci::ParseManifestOrIndex(text, descriptor.media_type));
  auto document = std::make_shared<const oci::Document>(std::move(parsed));
  absl::MutexLock lock(&mutex_);
  documents_.Put(descriptor.digest, document, kCostOfText * text.size());
  return document;
}

absl::StatusOr<std::shared_ptr<const ConfigDocument>> DocumentCache::Config(
    const oci::Digest& digest) {
  {
    absl::MutexLock lock(&mutex_);
    auto found = configs_.Find(digest);
    if (found != nullptr) return found;
  }
  auto document = std::make_shared<ConfigDocument>();
  ASSIGN_OR_RETURN(document->text, ReadBlob(blobs_, digest));
  ASSIGN_OR_RETURN(document->config, oci::ParseImageConfig(document->text));
  absl::MutexLock lock(&mutex_);
  configs_.Put(digest, document, kCostOfText * document->text.size());
  return std::shared_ptr<const ConfigDocument>(std::move(document));
}

void DocumentCache::Forget(const oci::Digest& digest) {
  absl::MutexLock lock(&mutex_);
  documents_.Erase(digest);
  configs_.Erase(digest);
}

}  // namespace tug::imaged
