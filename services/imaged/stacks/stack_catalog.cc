// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/stacks/stack_catalog.h"

#include "absl/strings/str_cat.h"
#include "lib/base/log.h"
#include "lib/base/status_macros.h"
#include "services/imaged/stacks/stack_record.pb.h"

namespace tug::imaged {
namespace {

constexpr absl::string_view kPrefix = "stack/";

std::string Key(const oci::Digest& manifest) {
  return absl::StrCat(kPrefix, manifest.hex());
}

absl::StatusOr<std::vector<oci::Digest>> Parse(absl::string_view value) {
  v1::StackRecord record;
  if (!record.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
    return absl::DataLossError("damaged record of a stack");
  }
  std::vector<oci::Digest> layers;
  for (const std::string& hex : record.layers()) {
    ASSIGN_OR_RETURN(oci::Digest layer, oci::Digest::FromHex(hex));
    layers.push_back(std::move(layer));
  }
  return layers;
}

}  // namespace

absl::StatusOr<std::unique_ptr<StackCatalog>> StackCatalog::Open(
    kv::KeyValueStore& store) {
  std::unique_ptr<StackCatalog> catalog(new StackCatalog(store));
  RETURN_IF_ERROR(catalog->Load());
  return catalog;
}

absl::Status StackCatalog::Load() {
  std::map<oci::Digest, std::vector<oci::Digest>> stacks;
  RETURN_IF_ERROR(
      store_.Scan(kPrefix, [&](absl::string_view key, absl::string_view value) {
        absl::StatusOr<oci::Digest> manifest =
            oci::Digest::FromHex(key.substr(kPrefix.size()));
        absl::StatusOr<std::vector<oci::Digest>> layers = Parse(value);
        LogIfError(layers.status(), "load stack");
        if (manifest.ok() && layers.ok()) {
          stacks[*manifest] = *std::move(layers);
        }
        return true;
      }));
  absl::MutexLock lock(&mutex_);
  stacks_ = std::move(stacks);
  return absl::OkStatus();
}

std::vector<oci::Digest> StackCatalog::LayersOf(
    const oci::Digest& manifest, const oci::ImageConfig& config) const {
  absl::MutexLock lock(&mutex_);
  const auto found = stacks_.find(manifest);
  return found == stacks_.end() ? config.diff_ids : found->second;
}

absl::Status StackCatalog::Put(const oci::Digest& manifest,
                               const oci::ImageConfig& config,
                               const std::vector<oci::Digest>& layers) {
  if (layers == config.diff_ids) return Remove(manifest);
  {
    absl::MutexLock lock(&mutex_);
    const auto found = stacks_.find(manifest);
    if (found != stacks_.end() && found->second == layers) {
      return absl::OkStatus();
    }
  }
  v1::StackRecord record;
  for (const oci::Digest& layer : layers) record.add_layers(layer.hex());
  // Synced: without it the image would look whole, and be wrong.
  RETURN_IF_ERROR(store_.Put(Key(manifest), record.SerializeAsString(),
                             kv::Durability::kSynced));
  absl::MutexLock lock(&mutex_);
  stacks_[manifest] = layers;
  return absl::OkStatus();
}

std::map<oci::Digest, std::vector<oci::Digest>> StackCatalog::All() const {
  absl::MutexLock lock(&mutex_);
  return stacks_;
}

absl::Status StackCatalog::Remove(const oci::Digest& manifest) {
  {
    absl::MutexLock lock(&mutex_);
    if (stacks_.erase(manifest) == 0) return absl::OkStatus();
  }
  return store_.Delete(Key(manifest), kv::Durability::kUnsynced);
}

}  // namespace tug::imaged
