// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "boost/json/array.hpp"
#include "lib/base/status_macros.h"
#include "lib/oci/reference.h"
#include "services/gatewayd/routes/images/handlers.h"
#include "services/gatewayd/translate/filters.h"
#include "services/gatewayd/translate/glob.h"
#include "services/gatewayd/translate/image_json.h"
#include "services/gatewayd/translate/times.h"

namespace tug::gatewayd {
namespace {

namespace json = boost::json;
using image::v1::Image;

// Bounds on the creation time that the filters ask for, both exclusive.
struct Bounds {
  std::optional<absl::Time> after;
  std::optional<absl::Time> before;
};

absl::StatusOr<absl::Time> CreatedOf(ImageClient& images,
                                     const std::string& name,
                                     RequestContext& context) {
  context.subject = name;
  image::v1::GetImageRequest request;
  request.set_name(name);
  ASSIGN_OR_RETURN(const Image image, images.GetImage(request));
  return ToTime(image.created());
}

absl::StatusOr<Bounds> FindBounds(const ImageRoutePeers& peers,
                                  const Filters& filters,
                                  RequestContext& context) {
  Bounds bounds;
  ASSIGN_OR_RETURN(bounds.before, filters.ImageUntil(absl::Now()));
  for (const std::string& name : filters.Values("before")) {
    ASSIGN_OR_RETURN(const absl::Time time,
                     CreatedOf(peers.images, name, context));
    if (!bounds.before.has_value() || time < *bounds.before) {
      bounds.before = time;
    }
  }
  for (const std::string& name : filters.Values("since")) {
    ASSIGN_OR_RETURN(const absl::Time time,
                     CreatedOf(peers.images, name, context));
    if (!bounds.after.has_value() || time > *bounds.after) bounds.after = time;
  }
  return bounds;
}

// A pattern may speak of the familiar or the full form, with a tag or without.
bool ReferenceMatches(const std::vector<std::string>& patterns,
                      const oci::Reference& reference) {
  for (const std::string& pattern : patterns) {
    for (const std::string& text :
         {reference.Familiar(), reference.FamiliarRepository(),
          reference.ToString(), reference.Repository()}) {
      if (MatchGlob(pattern, text)) return true;
    }
  }
  return false;
}

// Leaves the names that match, and the digests of their repositories; false
// when none is left.
bool KeepMatchingNames(const std::vector<std::string>& patterns, Image& image) {
  std::vector<std::string> names;
  std::vector<std::string> repositories;
  for (const std::string& name : image.references()) {
    const auto reference = oci::ParseReference(name);
    if (!reference.ok() || !ReferenceMatches(patterns, *reference)) continue;
    names.push_back(name);
    repositories.push_back(reference->Repository());
  }
  std::vector<std::string> digests;
  for (const std::string& name : image.digest_references()) {
    const auto reference = oci::ParseReference(name);
    if (!reference.ok()) continue;
    for (const std::string& repository : repositories) {
      if (repository == reference->Repository()) {
        digests.push_back(name);
        break;
      }
    }
  }
  image.mutable_references()->Assign(names.begin(), names.end());
  image.mutable_digest_references()->Assign(digests.begin(), digests.end());
  return !names.empty();
}

bool Matches(const Filters& filters, const Bounds& bounds,
             std::optional<bool> dangling, const Image& image) {
  const absl::Time created = ToTime(image.created());
  if (bounds.after.has_value() && created <= *bounds.after) return false;
  if (bounds.before.has_value() && created >= *bounds.before) return false;
  if (dangling.has_value() && *dangling != image.references().empty()) {
    return false;
  }
  return filters.MatchLabels("label", image.config().labels()) &&
         !filters.AnyLabel("label!", image.config().labels());
}

}  // namespace

absl::Status ListImages(const ImageRoutePeers& peers, RequestContext& context) {
  static constexpr absl::string_view kKnown[] = {
      "dangling", "label", "label!", "before", "since", "reference", "until"};
  ASSIGN_OR_RETURN(const Filters filters,
                   Filters::Parse(context.query().Get("filters"), kKnown));
  ASSIGN_OR_RETURN(const auto dangling, filters.Bool("dangling"));
  ASSIGN_OR_RETURN(const Bounds bounds, FindBounds(peers, filters, context));
  ASSIGN_OR_RETURN(std::vector<Image> images, ListAllImages(peers.images));
  const bool shared = context.QueryBool("shared-size");
  const std::vector<int64_t> sizes =
      shared ? SharedSizes(images) : std::vector<int64_t>(images.size(), -1);
  const std::vector<std::string> patterns = filters.Values("reference");
  json::array shown;
  for (size_t i = 0; i < images.size(); ++i) {
    if (!Matches(filters, bounds, dangling, images[i])) continue;
    if (!patterns.empty() && !KeepMatchingNames(patterns, images[i])) continue;
    shown.push_back(EncodeImageSummary(images[i], sizes[i],
                                       context.QueryBool("manifests"),
                                       context.version()));
  }
  return context.RespondJson(200, shown);
}

}  // namespace tug::gatewayd
