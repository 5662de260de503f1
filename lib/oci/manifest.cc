// SPDX-License-Identifier: Apache-2.0
#include "lib/oci/manifest.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "boost/json/serialize.hpp"
#include "boost/json/value.hpp"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/oci/json.h"

namespace tug::oci {
namespace {

namespace json = boost::json;

absl::Status Invalid(absl::string_view why) {
  return absl::InvalidArgumentError(why);
}

absl::StatusOr<std::vector<Descriptor>> ParseDescriptors(
    const json::object& object, absl::string_view key, size_t limit) {
  std::vector<Descriptor> descriptors;
  ASSIGN_OR_RETURN(const json::array* array, ReadArray(object, key));
  if (array == nullptr) return descriptors;
  if (array->size() > limit) {
    return Invalid(absl::StrCat("\"", key, "\" has ", array->size(),
                                " entries, at most ", limit, " are accepted"));
  }
  for (const json::value& value : *array) {
    if (!value.is_object()) {
      return Invalid(absl::StrCat("\"", key, "\" is not a list of objects"));
    }
    absl::StatusOr<Descriptor> descriptor = ParseDescriptor(value.get_object());
    if (!descriptor.ok()) return Annotate(descriptor.status(), key);
    descriptors.push_back(*std::move(descriptor));
  }
  return descriptors;
}

absl::StatusOr<Document> ParseIndex(const json::object& object,
                                    std::string media_type) {
  Index index;
  index.media_type =
      media_type.empty() ? kMediaTypeOciIndex : std::move(media_type);
  ASSIGN_OR_RETURN(index.manifests,
                   ParseDescriptors(object, "manifests", kMaxManifests));
  RETURN_IF_ERROR(ReadStringMap(object, "annotations", index.annotations));
  return Document(std::move(index));
}

absl::StatusOr<Document> ParseManifest(const json::object& object,
                                       std::string media_type) {
  Manifest manifest;
  manifest.media_type =
      media_type.empty() ? kMediaTypeOciManifest : std::move(media_type);
  ASSIGN_OR_RETURN(const json::object* config, ReadObject(object, "config"));
  if (config == nullptr) return Invalid("\"config\" is missing");
  absl::StatusOr<Descriptor> descriptor = ParseDescriptor(*config);
  if (!descriptor.ok()) return Annotate(descriptor.status(), "config");
  manifest.config = *std::move(descriptor);
  ASSIGN_OR_RETURN(manifest.layers,
                   ParseDescriptors(object, "layers", kMaxLayers));
  RETURN_IF_ERROR(ReadStringMap(object, "annotations", manifest.annotations));
  return Document(std::move(manifest));
}

absl::Status CheckShape(const json::object& object,
                        absl::string_view media_type) {
  int64_t version = 0;
  RETURN_IF_ERROR(ReadInteger(object, "schemaVersion", version));
  if (version != 2) {
    return Invalid(absl::StrCat("schema version ", version,
                                ", only 2 is supported; ask the publisher to "
                                "push the image again with a newer tool"));
  }
  const bool has_image = object.contains("config") || object.contains("layers");
  const bool has_list = object.contains("manifests");
  if (has_image && has_list) {
    return Invalid("both a manifest and an index; refused");
  }
  if (!has_image && !has_list) return Invalid("neither manifest nor index");
  if (!media_type.empty() && has_image != IsManifestType(media_type)) {
    return Invalid(absl::StrCat("content does not fit its type ", media_type));
  }
  if (!media_type.empty() && has_list != IsIndexType(media_type)) {
    return Invalid(absl::StrCat("content does not fit its type ", media_type));
  }
  return absl::OkStatus();
}

absl::StatusOr<Document> Parse(absl::string_view text,
                               absl::string_view served) {
  ASSIGN_OR_RETURN(const json::object object, ParseDocument(text, "content"));
  std::string declared;
  RETURN_IF_ERROR(ReadString(object, "mediaType", declared));
  if (!declared.empty() && !served.empty() && declared != served) {
    return Invalid(
        absl::StrCat("served as ", served, " but says it is ", declared));
  }
  std::string media_type = declared.empty() ? std::string(served) : declared;
  RETURN_IF_ERROR(CheckShape(object, media_type));
  if (object.contains("manifests")) {
    return ParseIndex(object, std::move(media_type));
  }
  return ParseManifest(object, std::move(media_type));
}

}  // namespace

absl::StatusOr<Document> ParseManifestOrIndex(absl::string_view text,
                                              absl::string_view media_type) {
  absl::StatusOr<Document> document = Parse(text, media_type);
  if (document.ok()) return document;
  return WithReason(Annotate(document.status(), "manifest"),
                    "MANIFEST_INVALID");
}

bool IsAttestation(const Descriptor& descriptor) {
  const auto found = descriptor.annotations.find(kAnnotationReferenceType);
  return found != descriptor.annotations.end() &&
         found->second == "attestation-manifest";
}

absl::StatusOr<Descriptor> SelectPlatform(const Index& index,
                                          const Platform& wanted) {
  const Descriptor* best = nullptr;
  const Descriptor* unlabelled = nullptr;
  int best_match = 0;
  std::vector<std::string> offered;
  for (const Descriptor& candidate : index.manifests) {
    if (IsAttestation(candidate)) continue;
    if (!candidate.platform.has_value()) {
      if (unlabelled == nullptr) unlabelled = &candidate;
      continue;
    }
    offered.push_back(candidate.platform->ToString());
    const int match = PlatformMatch(wanted, *candidate.platform);
    if (match > best_match) {
      best = &candidate;
      best_match = match;
    }
  }
  if (best == nullptr && offered.empty()) best = unlabelled;
  if (best != nullptr) return *best;
  if (offered.size() > 20) offered.resize(20);
  return WithReason(
      absl::NotFoundError(absl::StrCat(
          "no image for platform ", wanted.ToString(), "; there is ",
          offered.empty() ? "none" : absl::StrJoin(offered, ", "))),
      "PLATFORM_UNKNOWN");
}

std::string SerializeManifest(const Manifest& manifest) {
  json::object object;
  object["schemaVersion"] = 2;
  object["mediaType"] = manifest.media_type;
  object["config"] = DescriptorToJson(manifest.config);
  json::array layers;
  for (const Descriptor& layer : manifest.layers) {
    layers.push_back(DescriptorToJson(layer));
  }
  object["layers"] = std::move(layers);
  return json::serialize(object);
}

}  // namespace tug::oci
