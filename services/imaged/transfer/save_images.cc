// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/transfer/save_images.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "boost/json/array.hpp"
#include "boost/json/serialize.hpp"
#include "boost/json/value.hpp"
#include "lib/archive/tar_writer.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/oci/reference.h"
#include "services/imaged/images/convert.h"
#include "services/imaged/images/find_image.h"
#include "services/imaged/images/select_manifest.h"

namespace tug::imaged {
namespace {

namespace json = boost::json;

constexpr char kLayoutText[] = "{\"imageLayoutVersion\":\"1.0.0\"}";

std::string BlobPath(const oci::Digest& digest) {
  return absl::StrCat("blobs/sha256/", digest.hex());
}

archive::TarEntry DirectoryEntry(const char* path) {
  archive::TarEntry entry;
  entry.type = archive::EntryType::kDirectory;
  entry.path = path;
  entry.mode = 0755;
  return entry;
}

archive::TarEntry FileEntry(const std::string& path, uint32_t mode) {
  archive::TarEntry entry;
  entry.path = path;
  entry.mode = mode;
  return entry;
}

// Passes content on until the caller leaves.
class EntrySink final : public archive::Sink {
 public:
  EntrySink(archive::TarWriter& writer, const Cancelled& cancelled)
      : writer_(writer), cancelled_(cancelled) {}
  absl::Status Write(absl::string_view bytes) override {
    if (cancelled_()) return absl::CancelledError("the caller has left");
    return writer_.Write(bytes);
  }

 private:
  archive::TarWriter& writer_;
  const Cancelled& cancelled_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<SavePlan>> SavePlan::Make(
    const TransferParts& parts, const image::v1::SaveImagesRequest& request) {
  if (request.names_size() == 0) {
    return absl::InvalidArgumentError("no image is named");
  }
  std::unique_ptr<SavePlan> plan(new SavePlan(parts));
  for (const std::string& name : request.names()) {
    RETURN_IF_ERROR(plan->Add(name, FromProto(request.platform())));
  }
  return plan;
}

absl::Status SavePlan::AddBlob(const oci::Digest& digest) {
  pins_.Add(digest);
  const absl::StatusOr<int64_t> size = parts_.blobs.Size(digest);
  if (!size.ok()) {
    return WithReason(absl::NotFoundError(absl::StrCat(
                          "blob ", digest.ToString(),
                          " is not on this host; pull the image again")),
                      "PLATFORM_UNKNOWN");
  }
  blobs_[digest] = *size;
  return absl::OkStatus();
}

absl::Status SavePlan::AddManifest(const oci::Descriptor& descriptor,
                                   const oci::Manifest& manifest) {
  RETURN_IF_ERROR(AddBlob(descriptor.digest));
  RETURN_IF_ERROR(AddBlob(manifest.config.digest));
  for (const oci::Descriptor& layer : manifest.layers) {
    RETURN_IF_ERROR(AddBlob(layer.digest));
  }
  return absl::OkStatus();
}

// Whatever of the index is here; other platforms may never have been pulled.
absl::Status SavePlan::AddIndex(const oci::Descriptor& descriptor,
                                const oci::Index& index) {
  RETURN_IF_ERROR(AddBlob(descriptor.digest));
  for (const oci::Descriptor& child : index.manifests) {
    const auto document = parts_.documents.Document(child);
    if (!document.ok()) continue;
    const auto* manifest = std::get_if<oci::Manifest>(document->get());
    if (manifest == nullptr) continue;
    const bool whole =
        parts_.blobs.Size(manifest->config.digest).ok() &&
        std::all_of(manifest->layers.begin(), manifest->layers.end(),
                    [this](const oci::Descriptor& layer) {
                      return parts_.blobs.Size(layer.digest).ok();
                    });
    if (whole) RETURN_IF_ERROR(AddManifest(child, *manifest));
  }
  return absl::OkStatus();
}

absl::Status SavePlan::Add(const std::string& name,
                           const std::optional<oci::Platform>& platform) {
  ASSIGN_OR_RETURN(const FoundImage found,
                   FindImage(*parts_.catalog.Names(), parts_.documents, name));
  ASSIGN_OR_RETURN(const PlatformImage image,
                   SelectManifest(parts_.documents, found.target, platform));
  RETURN_IF_ERROR(AddManifest(image.descriptor, image.manifest()));
  oci::Descriptor target = platform ? image.descriptor : found.target;
  ASSIGN_OR_RETURN(const auto document, parts_.documents.Document(target));
  if (const auto* index = std::get_if<oci::Index>(document.get())) {
    RETURN_IF_ERROR(AddIndex(target, *index));
  }
  target.annotations.clear();
  target.platform.reset();
  DockerEntry& entry = entries_[image.descriptor.digest];
  entry.manifest = image.manifest();
  std::string tag = found.matched_name;
  if (IsDanglingName(tag)) tag.clear();
  const bool known =
      std::any_of(items_.begin(), items_.end(), [&](const Item& item) {
        return item.target.digest == target.digest && item.name == tag;
      });
  if (known) return absl::OkStatus();
  items_.push_back({target, tag});
  const absl::StatusOr<oci::Reference> reference = oci::ParseReference(tag);
  if (reference.ok() && !reference->tag.empty()) {
    entry.tags.push_back(reference->Familiar());
  }
  return absl::OkStatus();
}

std::string SavePlan::IndexJson() const {
  json::array manifests;
  for (const Item& item : items_) {
    oci::Descriptor descriptor = item.target;
    if (!item.name.empty()) {
      descriptor.annotations["io.containerd.image.name"] = item.name;
      const absl::StatusOr<oci::Reference> reference =
          oci::ParseReference(item.name);
      if (reference.ok() && !reference->tag.empty()) {
        descriptor.annotations["org.opencontainers.image.ref.name"] =
            reference->tag;
      }
    }
    manifests.push_back(oci::DescriptorToJson(descriptor));
  }
  json::object index;
  index["schemaVersion"] = 2;
  index["mediaType"] = oci::kMediaTypeOciIndex;
  index["manifests"] = std::move(manifests);
  return json::serialize(index);
}

std::string SavePlan::ManifestJson() const {
  json::array list;
  for (const auto& [digest, entry] : entries_) {
    json::object object;
    object["Config"] = BlobPath(entry.manifest.config.digest);
    json::array tags;
    for (const std::string& tag : entry.tags) {
      tags.emplace_back(json::string_view(tag));
    }
    object["RepoTags"] =
        tags.empty() ? json::value(nullptr) : json::value(std::move(tags));
    json::array layers;
    for (const oci::Descriptor& layer : entry.manifest.layers) {
      layers.emplace_back(json::string_view(BlobPath(layer.digest)));
    }
    object["Layers"] = std::move(layers);
    list.push_back(std::move(object));
  }
  return json::serialize(list);
}

absl::Status SavePlan::Write(archive::Sink& sink, const Cancelled& cancelled) {
  archive::TarWriter writer(sink);
  RETURN_IF_ERROR(writer.Begin(DirectoryEntry("blobs/")));
  RETURN_IF_ERROR(writer.Begin(DirectoryEntry("blobs/sha256/")));
  for (const auto& [digest, size] : blobs_) {
    archive::TarEntry entry = FileEntry(BlobPath(digest), 0444);
    entry.size = size;
    RETURN_IF_ERROR(writer.Begin(entry));
    ASSIGN_OR_RETURN(const UniqueFd fd, parts_.blobs.Open(digest));
    archive::FdSource source(fd.get());
    EntrySink content(writer, cancelled);
    RETURN_IF_ERROR(archive::Copy(source, content).status());
  }
  RETURN_IF_ERROR(writer.WriteFile(FileEntry("index.json", 0644), IndexJson()));
  RETURN_IF_ERROR(
      writer.WriteFile(FileEntry("manifest.json", 0644), ManifestJson()));
  RETURN_IF_ERROR(writer.WriteFile(FileEntry("oci-layout", 0444), kLayoutText));
  RETURN_IF_ERROR(writer.Finish());
  for (const Item& item : items_) {
    const std::string id = item.target.digest.ToString();
    parts_.events.Publish("save", id, id,
                          LabelsOf(parts_.documents, item.target));
  }
  return absl::OkStatus();
}

}  // namespace tug::imaged
