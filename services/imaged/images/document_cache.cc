// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/images/document_cache.h"

#include "lib/base/status_macros.h"

namespace tug::imaged {

absl::StatusOr<std::shared_ptr<const oci::Document>> DocumentCache::Document(
    const oci::Descriptor& descriptor) {
  {
    absl::MutexLock lock(&mutex_);
    const auto found = documents_.find(descriptor.digest);
    if (found != documents_.end()) return found->second;
  }
  ASSIGN_OR_RETURN(const std::string text, ReadBlob(blobs_, descriptor.digest));
  ASSIGN_OR_RETURN(oci::Document parsed,
                   oci::ParseManifestOrIndex(text, descriptor.media_type));
  auto document = std::make_shared<const oci::Document>(std::move(parsed));
  absl::MutexLock lock(&mutex_);
  if (documents_.size() >= kMaxEntries) documents_.clear();
  documents_[descriptor.digest] = document;
  return document;
}

absl::StatusOr<std::shared_ptr<const ConfigDocument>> DocumentCache::Config(
    const oci::Digest& digest) {
  {
    absl::MutexLock lock(&mutex_);
    const auto found = configs_.find(digest);
    if (found != configs_.end()) return found->second;
  }
  auto document = std::make_shared<ConfigDocument>();
  ASSIGN_OR_RETURN(document->text, ReadBlob(blobs_, digest));
  ASSIGN_OR_RETURN(document->config, oci::ParseImageConfig(document->text));
  absl::MutexLock lock(&mutex_);
  if (configs_.size() >= kMaxEntries) configs_.clear();
  configs_[digest] = document;
  return std::shared_ptr<const ConfigDocument>(std::move(document));
}

void DocumentCache::Forget(const oci::Digest& digest) {
  absl::MutexLock lock(&mutex_);
  documents_.erase(digest);
  configs_.erase(digest);
}

}  // namespace tug::imaged
