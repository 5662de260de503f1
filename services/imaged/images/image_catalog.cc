// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/images/image_catalog.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/log.h"
#include "lib/base/status_macros.h"
#include "services/imaged/images/image_record.pb.h"

namespace tug::imaged {
namespace {

constexpr absl::string_view kPrefix = "image/";
constexpr absl::string_view kDanglingPrefix = "<none>@";

std::string Serialize(const NamedImage& image) {
  v1::ImageRecord record;
  record.set_media_type(image.target.media_type);
  record.set_digest(image.target.digest.ToString());
  record.set_size(image.target.size);
  record.set_tagged_unix_nanoseconds(absl::ToUnixNanos(image.tagged));
  return record.SerializeAsString();
}

absl::StatusOr<NamedImage> Parse(absl::string_view name,
                                 absl::string_view value) {
  v1::ImageRecord record;
  if (!record.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
    return absl::DataLossError(
        absl::StrCat("record of image ", name, " is damaged"));
  }
  NamedImage image;
  image.name = std::string(name);
  image.target.media_type = record.media_type();
  image.target.size = record.size();
  image.tagged = absl::FromUnixNanos(record.tagged_unix_nanoseconds());
  ASSIGN_OR_RETURN(image.target.digest, oci::Digest::Parse(record.digest()));
  return image;
}

bool HasOtherName(const NameMap& names, const oci::Digest& target) {
  for (const auto& [name, image] : names) {
    if (image.target.digest == target && !IsDanglingName(name)) return true;
  }
  return false;
}

// Gives or takes the dangling name, so that a target has it exactly when it
// has no other.
void MendDangling(NameMap& names, const NamedImage& image, bool keep) {
  const std::string dangling = DanglingName(image.target.digest);
  if (HasOtherName(names, image.target.digest)) {
    names.erase(dangling);
  } else if (keep) {
    names.emplace(dangling, NamedImage{dangling, image.target, image.tagged});
  }
}

}  // namespace

std::string DanglingName(const oci::Digest& target) {
  return absl::StrCat(kDanglingPrefix, target.ToString());
}

bool IsDanglingName(const std::string& name) {
  return absl::StartsWith(name, kDanglingPrefix);
}

ImageCatalog::ImageCatalog(kv::KeyValueStore& store)
    : store_(store), names_(std::make_shared<NameMap>()) {}

absl::StatusOr<std::unique_ptr<ImageCatalog>> ImageCatalog::Open(
    kv::KeyValueStore& store) {
  std::unique_ptr<ImageCatalog> catalog(new ImageCatalog(store));
  RETURN_IF_ERROR(catalog->Load());
  return catalog;
}

absl::Status ImageCatalog::Load() {
  auto names = std::make_shared<NameMap>();
  RETURN_IF_ERROR(
      store_.Scan(kPrefix, [&](absl::string_view key, absl::string_view value) {
        key.remove_prefix(kPrefix.size());
        absl::StatusOr<NamedImage> image = Parse(key, value);
        if (image.ok()) {
          (*names)[std::string(key)] = *std::move(image);
        } else {
          LogIfError(image.status(), "load image");
        }
        return true;
      }));
  absl::MutexLock lock(&mutex_);
  names_ = std::move(names);
  return absl::OkStatus();
}

std::shared_ptr<const NameMap> ImageCatalog::Names() const {
  absl::MutexLock lock(&mutex_);
  return names_;
}

// Writes the difference, then lets readers see it.
absl::Status ImageCatalog::Commit(const NameMap& before, NameMap after) {
  kv::WriteBatch batch;
  for (const auto& [name, image] : before) {
    if (after.count(name) == 0) batch.Delete(absl::StrCat(kPrefix, name));
  }
  for (const auto& [name, image] : after) {
    const auto old = before.find(name);
    if (old == before.end() || Serialize(old->second) != Serialize(image)) {
      batch.Put(absl::StrCat(kPrefix, name), Serialize(image));
    }
  }
  if (!batch.operations().empty()) {
    RETURN_IF_ERROR(store_.Write(batch, kv::Durability::kSynced));
  }
  auto names = std::make_shared<const NameMap>(std::move(after));
  absl::MutexLock lock(&mutex_);
  names_ = std::move(names);
  return absl::OkStatus();
}

absl::StatusOr<std::optional<oci::Descriptor>> ImageCatalog::Put(
    NamedImage image) {
  absl::MutexLock lock(&write_mutex_);
  const std::shared_ptr<const NameMap> before = Names();
  NameMap after = *before;
  std::optional<NamedImage> old;
  if (image.name.empty()) {
    MendDangling(after, image, /*keep=*/true);
  } else {
    const auto found = after.find(image.name);
    if (found != after.end()) old = found->second;
    after[image.name] = image;
    MendDangling(after, image, /*keep=*/true);
    if (old) MendDangling(after, *old, /*keep=*/true);
  }
  RETURN_IF_ERROR(Commit(*before, std::move(after)));
  if (!old) return std::nullopt;
  return old->target;
}

absl::Status ImageCatalog::Remove(const std::vector<std::string>& names,
                                  bool keep) {
  absl::MutexLock lock(&write_mutex_);
  const std::shared_ptr<const NameMap> before = Names();
  NameMap after = *before;
  for (const std::string& name : names) {
    const auto found = after.find(name);
    if (found == after.end()) continue;
    const NamedImage image = found->second;
    after.erase(found);
    MendDangling(after, image, keep);
  }
  return Commit(*before, std::move(after));
}

}  // namespace tug::imaged
