// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/oci/reference.h"
#include "services/imaged/images/image_service.h"

namespace tug::imaged {
namespace {

std::string Familiar(const std::string& name) {
  const absl::StatusOr<oci::Reference> reference = oci::ParseReference(name);
  return reference.ok() ? reference->Familiar() : name;
}

std::optional<std::string> LeaseOn(const LeaseUsage& leases,
                                   const oci::Digest& target) {
  for (const LeaseUsage::Use& use : leases.Uses()) {
    if (use.image == target) return use.lease;
  }
  return std::nullopt;
}

absl::Status HasNames(const FoundImage& found) {
  return WithReason(
      absl::FailedPreconditionError(absl::StrCat(
          "image ", found.target.digest.ToString(), " has ", found.names.size(),
          " names; remove them one by one, or force")),
      "IMAGE_HAS_NAMES");
}

absl::Status InUse(const FoundImage& found, const std::string& lease) {
  return WithMetadata(WithReason(absl::FailedPreconditionError(absl::StrCat(
                                     "image ", found.target.digest.ToString(),
                                     " is used by container ", lease)),
                                 "IMAGE_IN_USE"),
                      "lease", lease);
}

// The names that go away. With the last tag of a repository go the names by
// digest in it: nobody removes those by hand.
std::vector<std::string> NamesToRemove(const FoundImage& found) {
  std::vector<std::string> others;
  for (const NamedImage& named : found.names) {
    if (named.name != found.matched_name) others.push_back(named.name);
  }
  if (found.matched_name.empty()) return others;
  std::vector<std::string> names = {found.matched_name};
  const absl::StatusOr<oci::Reference> matched =
      oci::ParseReference(found.matched_name);
  if (!matched.ok() || matched->tag.empty()) return names;
  for (const std::string& other : others) {
    const absl::StatusOr<oci::Reference> reference = oci::ParseReference(other);
    if (!reference.ok() || reference->digest.empty() ||
        reference->Repository() != matched->Repository()) {
      return {found.matched_name};
    }
    names.push_back(other);
  }
  return names;
}

}  // namespace

// `no_prune` asks to keep untagged parents. An image has none here: it is its
// manifest and what hangs below it, so both values mean the same.
absl::StatusOr<image::v1::RemoveImageResponse> RemoveImage(
    const ImageParts& parts, const image::v1::RemoveImageRequest& request) {
  ASSIGN_OR_RETURN(
      const FoundImage found,
      FindImage(*parts.catalog.Names(), parts.documents, request.name()));
  const std::vector<std::string> names = NamesToRemove(found);
  const bool by_id = found.matched_name.empty();
  const bool last = names.size() == found.names.size();
  if (by_id && names.size() > 1 && !request.force()) return HasNames(found);
  const std::optional<std::string> lease =
      last ? LeaseOn(parts.leases, found.target.digest) : std::nullopt;
  if (lease && !request.force()) return InUse(found, *lease);

  const std::string id = found.target.digest.ToString();
  const std::map<std::string, std::string> labels =
      LabelsOf(parts.documents, found.target);
  // A name's removal leaves an image that a container uses without name; only
  // removing it by its id ends it for good.
  const bool keep = lease.has_value() && !by_id;
  RETURN_IF_ERROR(parts.catalog.Remove(names, keep));
  image::v1::RemoveImageResponse response;
  for (const std::string& name : names) {
    if (IsDanglingName(name)) continue;
    response.add_untagged(Familiar(name));
    parts.events.Publish("untag", id, Familiar(name), labels);
  }
  if (last && !keep) {
    response.add_deleted(id);
    parts.events.Publish("delete", id, id, labels);
    LogIfError(parts.collect().status(), "collect after removal");
  }
  return response;
}

}  // namespace tug::imaged
