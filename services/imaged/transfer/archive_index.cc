// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/transfer/archive_index.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "boost/json/array.hpp"
#include "boost/json/parse.hpp"
#include "boost/json/value.hpp"
#include "lib/archive/compression.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/oci/json.h"
#include "lib/oci/reference.h"
#include "services/tree/apply/entry_path.h"

namespace tug::imaged {
namespace {

namespace json = boost::json;

constexpr char kAnnotationContainerdName[] = "io.containerd.image.name";
constexpr char kAnnotationRefName[] = "org.opencontainers.image.ref.name";

absl::Status Invalid(absl::string_view why) {
  return absl::InvalidArgumentError(why);
}

// One entry of a docker-archive's manifest.json.
struct DockerEntry {
  std::string config;
  std::vector<std::string> tags;
  std::vector<std::string> layers;
};

absl::StatusOr<std::vector<DockerEntry>> ParseDockerManifest(
    const std::string& text) {
  json::parse_options options;
  options.max_depth = oci::kMaxDocumentDepth;
  json::error_code error;
  const json::value value = json::parse(text, error, {}, options);
  if (error || !value.is_array()) {
    return Invalid("manifest.json is not a JSON list");
  }
  std::vector<DockerEntry> entries;
  for (const json::value& item : value.get_array()) {
    if (!item.is_object()) return Invalid("manifest.json: not an object");
    const json::object& object = item.get_object();
    DockerEntry entry;
    RETURN_IF_ERROR(oci::ReadString(object, "Config", entry.config));
    RETURN_IF_ERROR(oci::ReadStrings(object, "RepoTags", entry.tags));
    RETURN_IF_ERROR(oci::ReadStrings(object, "Layers", entry.layers));
    if (entry.layers.size() > oci::kMaxLayers) {
      return Invalid("manifest.json: too many layers");
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

absl::StatusOr<SpooledArchive::File> FindFile(const SpooledArchive& archive,
                                              const std::string& name) {
  ASSIGN_OR_RETURN(const std::string path, tree::CleanEntryPath(name));
  const auto found = archive.files.find(path);
  if (found == archive.files.end()) {
    return Invalid(absl::StrCat("manifest.json names \"",
                                absl::CHexEscape(name.substr(0, 200)),
                                "\", which is not there"));
  }
  return found->second;
}

absl::StatusOr<std::string> LayerMediaType(BlobStore& blobs,
                                           const oci::Digest& digest) {
  ASSIGN_OR_RETURN(const UniqueFd fd, blobs.Open(digest));
  char head[archive::kMagicSize] = {};
  archive::FdSource source(fd.get());
  ASSIGN_OR_RETURN(const size_t size, source.Read(head, sizeof(head)));
  switch (archive::DetectCompression(absl::string_view(head, size))) {
    case archive::Compression::kGzip:
      return oci::kMediaTypeDockerLayerGzip;
    case archive::Compression::kZstd:
      return oci::kMediaTypeOciLayerZstd;
    default:
      return oci::kMediaTypeDockerLayer;
  }
}

absl::StatusOr<oci::Descriptor> MakeManifest(BlobStore& blobs,
                                             const SpooledArchive& archive,
                                             const DockerEntry& entry) {
  oci::Manifest manifest;
  manifest.media_type = oci::kMediaTypeDockerManifest;
  ASSIGN_OR_RETURN(const SpooledArchive::File config,
                   FindFile(archive, entry.config));
  manifest.config = {oci::kMediaTypeDockerConfig,
                     config.digest,
                     config.size,
                     std::nullopt,
                     {}};
  for (const std::string& name : entry.layers) {
    ASSIGN_OR_RETURN(const SpooledArchive::File file, FindFile(archive, name));
    ASSIGN_OR_RETURN(std::string media_type,
                     LayerMediaType(blobs, file.digest));
    manifest.layers.push_back(
        {std::move(media_type), file.digest, file.size, std::nullopt, {}});
  }
  const std::string text = oci::SerializeManifest(manifest);
  ASSIGN_OR_RETURN(const oci::Digest digest, PutBlob(blobs, text));
  return oci::Descriptor{manifest.media_type,
                         digest,
                         static_cast<int64_t>(text.size()),
                         std::nullopt,
                         {}};
}

absl::Status AddName(const std::string& text, std::vector<std::string>& names) {
  ASSIGN_OR_RETURN(const oci::Reference reference,
                   oci::ParseReferenceWithDefaultTag(text));
  const std::string name = reference.ToString();
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    names.push_back(name);
  }
  return absl::OkStatus();
}

// The name a layout gives to one of its images; a bare tag is none.
absl::Status AddAnnotatedName(const oci::Descriptor& descriptor,
                              std::vector<std::string>& names) {
  const auto full = descriptor.annotations.find(kAnnotationContainerdName);
  if (full != descriptor.annotations.end()) {
    return AddName(full->second, names);
  }
  const auto ref = descriptor.annotations.find(kAnnotationRefName);
  if (ref == descriptor.annotations.end()) return absl::OkStatus();
  const bool bare_tag = !absl::StrContains(ref->second, '/') &&
                        !absl::StrContains(ref->second, ':');
  return bare_tag ? absl::OkStatus() : AddName(ref->second, names);
}

// docker-archive tables beside an OCI layout name images by their config.
absl::Status AddDockerNames(BlobStore& blobs, const SpooledArchive& archive,
                            const std::vector<DockerEntry>& entries,
                            ArchivedImage& image) {
  if (!image.names.empty() || entries.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::string text,
                   ReadBlob(blobs, image.target.digest));
  ASSIGN_OR_RETURN(const oci::Document document,
                   oci::ParseManifestOrIndex(text, image.target.media_type));
  const auto* manifest = std::get_if<oci::Manifest>(&document);
  if (manifest == nullptr) return absl::OkStatus();
  for (const DockerEntry& entry : entries) {
    const absl::StatusOr<SpooledArchive::File> config =
        FindFile(archive, entry.config);
    if (!config.ok() || config->digest != manifest->config.digest) continue;
    for (const std::string& tag : entry.tags) {
      RETURN_IF_ERROR(AddName(tag, image.names));
    }
  }
  return absl::OkStatus();
}

void Merge(std::vector<ArchivedImage>& images, ArchivedImage image) {
  for (ArchivedImage& other : images) {
    if (other.target.digest != image.target.digest) continue;
    other.names.insert(other.names.end(), image.names.begin(),
                       image.names.end());
    return;
  }
  images.push_back(std::move(image));
}

absl::StatusOr<std::vector<ArchivedImage>> ReadLayout(
    BlobStore& blobs, const SpooledArchive& archive,
    const std::vector<DockerEntry>& entries) {
  ASSIGN_OR_RETURN(const oci::Document document,
                   oci::ParseManifestOrIndex(archive.tables.at("index.json"),
                                             oci::kMediaTypeOciIndex));
  std::vector<ArchivedImage> images;
  for (const oci::Descriptor& descriptor :
       std::get<oci::Index>(document).manifests) {
    ArchivedImage image;
    image.target = descriptor;
    image.target.annotations.clear();
    const absl::Status fits = CheckSize(blobs, descriptor);
    if (absl::IsNotFound(fits)) {
      return Invalid(absl::StrCat("index.json names ",
                                  descriptor.digest.ToString(),
                                  ", which is not there"));
    }
    RETURN_IF_ERROR(fits);
    RETURN_IF_ERROR(AddAnnotatedName(descriptor, image.names));
    RETURN_IF_ERROR(AddDockerNames(blobs, archive, entries, image));
    Merge(images, std::move(image));
  }
  return images;
}

absl::StatusOr<std::vector<ArchivedImage>> Read(BlobStore& blobs,
                                                const SpooledArchive& archive) {
  std::vector<DockerEntry> entries;
  const auto docker = archive.tables.find("manifest.json");
  if (docker != archive.tables.end()) {
    ASSIGN_OR_RETURN(entries, ParseDockerManifest(docker->second));
  }
  if (archive.tables.count("index.json") > 0) {
    return ReadLayout(blobs, archive, entries);
  }
  if (docker == archive.tables.end()) {
    return Invalid(
        "neither manifest.json (docker save) nor index.json (OCI layout) is "
        "there; use import for a root file system");
  }
  std::vector<ArchivedImage> images;
  for (const DockerEntry& entry : entries) {
    ArchivedImage image;
    ASSIGN_OR_RETURN(image.target, MakeManifest(blobs, archive, entry));
    for (const std::string& tag : entry.tags) {
      RETURN_IF_ERROR(AddName(tag, image.names));
    }
    Merge(images, std::move(image));
  }
  return images;
}

}  // namespace

absl::Status CheckSize(BlobStore& blobs, const oci::Descriptor& descriptor) {
  ASSIGN_OR_RETURN(const int64_t size, blobs.Size(descriptor.digest));
  if (size == descriptor.size) return absl::OkStatus();
  return Invalid(absl::StrCat("blob ", descriptor.digest.ToString(), " is ",
                              size, " bytes long, its descriptor says ",
                              descriptor.size));
}

absl::StatusOr<std::vector<ArchivedImage>> ReadArchiveIndex(
    BlobStore& blobs, const SpooledArchive& archive) {
  absl::StatusOr<std::vector<ArchivedImage>> images = Read(blobs, archive);
  if (!images.ok()) return ArchiveInvalid(images.status());
  if (images->empty()) return ArchiveInvalid(Invalid("it holds no image"));
  return images;
}

}  // namespace tug::imaged
