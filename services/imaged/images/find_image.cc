// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/images/find_image.h"

#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/oci/reference.h"

namespace tug::imaged {
namespace {

constexpr absl::string_view kDigestPrefix = "sha256:";

bool IsHex(absl::string_view text) {
  return !text.empty() && text.size() <= 64 &&
         text.find_first_not_of("0123456789abcdef") == absl::string_view::npos;
}

absl::Status Unknown(absl::string_view text) {
  return WithMetadata(
      WithReason(absl::NotFoundError(absl::StrCat("no such image: ", text)),
                 "IMAGE_UNKNOWN"),
      "image", text);
}

FoundImage Collect(const NameMap& names, const oci::Descriptor& target,
                   std::string matched_name) {
  FoundImage found{target, {}, std::move(matched_name)};
  for (const auto& [name, image] : names) {
    if (image.target.digest == target.digest) found.names.push_back(image);
  }
  return found;
}

const NamedImage* FindByName(const NameMap& names, absl::string_view text) {
  absl::StatusOr<oci::Reference> reference =
      oci::ParseReferenceWithDefaultTag(text);
  if (!reference.ok()) return nullptr;
  const auto exact = names.find(reference->ToString());
  if (exact != names.end()) return &exact->second;
  if (reference->digest.empty()) return nullptr;
  // "debian@sha256:..." also stands for a tag of that repository.
  for (const auto& [name, image] : names) {
    if (image.target.digest != reference->digest) continue;
    absl::StatusOr<oci::Reference> other = oci::ParseReference(name);
    if (other.ok() && other->Repository() == reference->Repository()) {
      return &image;
    }
  }
  return nullptr;
}

// Digests of the configs below a target, of those manifests that are here.
std::vector<oci::Digest> ConfigDigests(DocumentCache& documents,
                                       const oci::Descriptor& target) {
  std::vector<oci::Digest> digests;
  const auto document = documents.Document(target);
  if (!document.ok()) return digests;
  if (const auto* manifest = std::get_if<oci::Manifest>(document->get())) {
    digests.push_back(manifest->config.digest);
    return digests;
  }
  for (const oci::Descriptor& child :
       std::get<oci::Index>(**document).manifests) {
    const auto below = documents.Document(child);
    if (!below.ok()) continue;
    if (const auto* manifest = std::get_if<oci::Manifest>(below->get())) {
      digests.push_back(child.digest);
      digests.push_back(manifest->config.digest);
    }
  }
  return digests;
}

}  // namespace

absl::StatusOr<FoundImage> FindImage(const NameMap& names,
                                     DocumentCache& documents,
                                     absl::string_view text) {
  const bool spelled_digest = absl::StartsWith(text, kDigestPrefix);
  const absl::string_view hex =
      spelled_digest ? text.substr(kDigestPrefix.size()) : text;
  if (!spelled_digest) {
    const NamedImage* named = FindByName(names, text);
    if (named != nullptr) return Collect(names, named->target, named->name);
  }
  if (!IsHex(hex)) {
    // A malformed reference is another fault than an absent image.
    if (spelled_digest) return Unknown(text);
    RETURN_IF_ERROR(oci::ParseReferenceWithDefaultTag(text).status());
    return Unknown(text);
  }
  std::set<oci::Digest> matches;
  oci::Descriptor match;
  for (const auto& [name, image] : names) {
    if (!absl::StartsWith(image.target.digest.hex(), hex)) continue;
    matches.insert(image.target.digest);
    match = image.target;
  }
  if (matches.empty()) {
    for (const auto& [name, image] : names) {
      for (const oci::Digest& below : ConfigDigests(documents, image.target)) {
        if (!absl::StartsWith(below.hex(), hex)) continue;
        matches.insert(image.target.digest);
        match = image.target;
      }
    }
  }
  if (matches.empty()) return Unknown(text);
  if (matches.size() > 1) {
    return WithReason(absl::InvalidArgumentError(absl::StrCat(
                          "\"", text, "\" stands for ", matches.size(),
                          " images; give more digits of the id")),
                      "IMAGE_AMBIGUOUS");
  }
  return Collect(names, match, "");
}

}  // namespace tug::imaged
