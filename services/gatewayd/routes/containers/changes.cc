// SPDX-License-Identifier: Apache-2.0
#include <set>
#include <string>

#include "boost/json/array.hpp"
#include "boost/json/object.hpp"
#include "lib/base/status_macros.h"
#include "services/gatewayd/routes/containers/handlers.h"

namespace tug::gatewayd {
namespace {

namespace json = boost::json;

// What the engine puts into every container, and what it mounts something on,
// are no changes of the container's own.
std::set<std::string> MountPoints(const runtime::v1::Container& container) {
  std::set<std::string> paths = {
      "/etc/hostname", "/etc/hosts", "/etc/resolv.conf",
      "/dev",          "/proc",      "/sys"};
  for (const auto& mount : container.mounts()) {
    paths.insert(mount.destination());
  }
  return paths;
}

}  // namespace

absl::Status Changes(const ContainerParts& parts, RequestContext& context) {
  ASSIGN_OR_RETURN(const auto container, FindContainer(parts, context));
  image::v1::DiffSnapshotRequest request;
  request.set_lease(container.id());
  ASSIGN_OR_RETURN(const auto diff,
                   parts.peers.snapshots.DiffSnapshot(request));
  const std::set<std::string> mounted = MountPoints(container);
  json::value changes = nullptr;
  for (const auto& change : diff.changes()) {
    const bool added = change.kind() == image::v1::DiffSnapshotResponse::ADDED;
    if (added && mounted.contains(change.path())) continue;
    if (changes.is_null()) changes.emplace_array();
    // Docker counts from zero: modified, added, deleted.
    changes.get_array().push_back(
        json::object{{"Path", change.path()},
                     {"Kind", static_cast<int>(change.kind()) - 1}});
  }
  return context.RespondJson(200, changes);
}

}  // namespace tug::gatewayd
