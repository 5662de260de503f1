// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>
#include <variant>

#include "boost/json/array.hpp"
#include "boost/json/object.hpp"
#include "lib/base/status_macros.h"
#include "lib/oci/manifest.h"
#include "lib/oci/reference.h"
#include "services/gatewayd/routes/images/handlers.h"
#include "services/gatewayd/routes/images/registry_session.h"

namespace tug::gatewayd {
namespace {

namespace json = boost::json;

// The platforms that an index names; null for a single image.
json::value Platforms(const oci::Document& document) {
  const auto* index = std::get_if<oci::Index>(&document);
  if (index == nullptr) return nullptr;
  json::array platforms;
  for (const oci::Descriptor& manifest : index->manifests) {
    if (manifest.platform.has_value()) {
      platforms.push_back(oci::PlatformToJson(*manifest.platform));
    }
  }
  return platforms;
}

}  // namespace

absl::Status InspectDistribution(const ImageRoutePeers& peers,
                                 RequestContext& context) {
  ASSIGN_OR_RETURN(const oci::Reference reference,
                   oci::ParseReferenceWithDefaultTag(context.parameter()));
  ASSIGN_OR_RETURN(
      const RegistrySession session,
      RegistrySession::Open(peers.registries, reference.domain, context));
  registry::v1::ResolveReferenceRequest resolve;
  resolve.set_session(session.id());
  resolve.set_reference(reference.ToString());
  ASSIGN_OR_RETURN(const auto resolved,
                   peers.registries.ResolveReference(resolve));
  registry::v1::GetManifestRequest get;
  get.set_session(session.id());
  get.set_repository(reference.Repository());
  get.set_digest(resolved.digest());
  ASSIGN_OR_RETURN(const auto manifest, peers.registries.GetManifest(get));
  ASSIGN_OR_RETURN(
      const oci::Document document,
      oci::ParseManifestOrIndex(manifest.content(), manifest.media_type()));
  json::object descriptor;
  descriptor["mediaType"] = resolved.media_type();
  descriptor["digest"] = resolved.digest();
  descriptor["size"] = resolved.size();
  return context.RespondJson(200,
                             json::object{{"Descriptor", std::move(descriptor)},
                                          {"Platforms", Platforms(document)}});
}

}  // namespace tug::gatewayd
