// SPDX-License-Identifier: Apache-2.0
#include "boost/json/array.hpp"
#include "boost/json/object.hpp"
#include "lib/base/status_macros.h"
#include "services/gatewayd/routes/containers/handlers.h"

namespace tug::gatewayd {

absl::Status Changes(const ContainerParts& parts, RequestContext& context) {
  ASSIGN_OR_RETURN(const auto container, FindContainer(parts, context));
  image::v1::DiffSnapshotRequest request;
  request.set_lease(container.id());
  ASSIGN_OR_RETURN(const auto diff,
                   parts.peers.snapshots.DiffSnapshot(request));
  boost::json::value changes = nullptr;
  for (const auto& change : diff.changes()) {
    if (changes.is_null()) changes.emplace_array();
    // Docker counts from zero: modified, added, deleted.
    changes.get_array().push_back(
        boost::json::object{{"Path", change.path()},
                            {"Kind", static_cast<int>(change.kind()) - 1}});
  }
  return context.RespondJson(200, changes);
}

}  // namespace tug::gatewayd
