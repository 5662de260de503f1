// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/images/select_manifest.h"

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"

namespace tug::imaged {
namespace {

// NOT_FOUND when manifest or config are not here.
absl::StatusOr<PlatformImage> Load(DocumentCache& documents,
                                   const oci::Descriptor& descriptor) {
  PlatformImage image;
  image.descriptor = descriptor;
  ASSIGN_OR_RETURN(image.document, documents.Document(descriptor));
  if (!std::holds_alternative<oci::Manifest>(*image.document)) {
    return absl::NotFoundError("an index inside an index");
  }
  ASSIGN_OR_RETURN(image.config,
                   documents.Config(image.manifest().config.digest));
  return image;
}

absl::Status NoPlatform(const oci::Descriptor& target,
                        const oci::Platform& wanted) {
  return WithReason(
      absl::NotFoundError(absl::StrCat(
          "image ", target.digest.ToString(), " has nothing for platform ",
          wanted.ToString(), " on this host; pull it with that platform")),
      "PLATFORM_UNKNOWN");
}

}  // namespace

absl::StatusOr<PlatformImage> SelectManifest(
    DocumentCache& documents, const oci::Descriptor& target,
    const std::optional<oci::Platform>& platform) {
  const oci::Platform wanted = platform.value_or(oci::HostPlatform());
  ASSIGN_OR_RETURN(const auto document, documents.Document(target));
  if (std::holds_alternative<oci::Manifest>(*document)) {
    ASSIGN_OR_RETURN(PlatformImage image, Load(documents, target));
    const oci::Platform& own = image.config->config.platform;
    // Images that do not say what they are fit everywhere.
    const bool known = !own.os.empty() && !own.architecture.empty();
    if (platform && known && oci::PlatformMatch(wanted, own) == 0) {
      return NoPlatform(target, wanted);
    }
    return image;
  }
  std::optional<PlatformImage> best;
  int best_match = -1;
  for (const oci::Descriptor& child :
       std::get<oci::Index>(*document).manifests) {
    if (oci::IsAttestation(child)) continue;
    absl::StatusOr<PlatformImage> image = Load(documents, child);
    if (!image.ok()) continue;
    const oci::Platform& own =
        child.platform ? *child.platform : image->config->config.platform;
    const int match = oci::PlatformMatch(wanted, own);
    if ((platform && match == 0) || match <= best_match) continue;
    best_match = match;
    best = *std::move(image);
  }
  if (!best) return NoPlatform(target, wanted);
  return *std::move(best);
}

}  // namespace tug::imaged
