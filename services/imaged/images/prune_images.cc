// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "absl/strings/str_split.h"
#include "lib/base/status_macros.h"
#include "lib/oci/reference.h"
#include "services/imaged/images/convert.h"
#include "services/imaged/images/image_service.h"
#include "services/imaged/images/select_manifest.h"

namespace tug::imaged {
namespace {

// "key" or "key=value".
bool HasLabel(const std::map<std::string, std::string>& labels,
              const std::string& wanted) {
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(wanted, absl::MaxSplits('=', 1));
  const auto found = labels.find(parts.first);
  if (found == labels.end()) return false;
  const bool any_value = wanted.find('=') == std::string::npos;
  return any_value || found->second == parts.second;
}

bool Matches(DocumentCache& documents, const oci::Descriptor& target,
             const image::v1::PruneImagesRequest& request) {
  const bool filtered = request.has_until() || request.labels_size() > 0 ||
                        request.without_labels_size() > 0;
  const absl::StatusOr<PlatformImage> image =
      SelectManifest(documents, target, std::nullopt);
  // What cannot be read matches no filter.
  if (!image.ok()) return !filtered;
  const oci::ImageConfig& config = image->config->config;
  if (request.has_until() && (!config.created.has_value() ||
                              *config.created >= FromProto(request.until()))) {
    return false;
  }
  for (const std::string& label : request.labels()) {
    if (!HasLabel(config.config.labels, label)) return false;
  }
  for (const std::string& label : request.without_labels()) {
    if (HasLabel(config.config.labels, label)) return false;
  }
  return true;
}

std::map<oci::Digest, FoundImage> Candidates(
    const ImageParts& parts, const image::v1::PruneImagesRequest& request) {
  std::map<oci::Digest, FoundImage> by_target;
  const std::shared_ptr<const NameMap> names = parts.catalog.Names();
  for (const auto& [name, image] : *names) {
    FoundImage& found = by_target[image.target.digest];
    found.target = image.target;
    found.names.push_back(image);
  }
  for (const LeaseUsage::Use& use : parts.leases.Uses()) {
    by_target.erase(use.image);
  }
  for (auto it = by_target.begin(); it != by_target.end();) {
    const FoundImage& found = it->second;
    const bool named = !IsDanglingName(found.names.front().name);
    const bool wanted = (!named || request.all()) &&
                        Matches(parts.documents, found.target, request);
    it = wanted ? std::next(it) : by_target.erase(it);
  }
  return by_target;
}

}  // namespace

absl::StatusOr<image::v1::PruneImagesResponse> PruneImages(
    const ImageParts& parts, const image::v1::PruneImagesRequest& request) {
  image::v1::PruneImagesResponse response;
  for (const auto& [digest, found] : Candidates(parts, request)) {
    const std::map<std::string, std::string> labels =
        LabelsOf(parts.documents, found.target);
    std::vector<std::string> names;
    for (const NamedImage& named : found.names) names.push_back(named.name);
    RETURN_IF_ERROR(parts.catalog.Remove(names, /*keep=*/false));
    for (const std::string& name : names) {
      if (IsDanglingName(name)) continue;
      const absl::StatusOr<oci::Reference> reference =
          oci::ParseReference(name);
      const std::string familiar =
          reference.ok() ? reference->Familiar() : name;
      response.add_untagged(familiar);
      parts.events.Publish("untag", digest.ToString(), familiar, labels);
    }
    response.add_deleted(digest.ToString());
    parts.events.Publish("delete", digest.ToString(), digest.ToString(),
                         labels);
  }
  ASSIGN_OR_RETURN(const int64_t freed, parts.collect());
  response.set_space_reclaimed(freed);
  parts.events.Publish("prune", "", "", {{"reclaimed", absl::StrCat(freed)}});
  return response;
}

}  // namespace tug::imaged
