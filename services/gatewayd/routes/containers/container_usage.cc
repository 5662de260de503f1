// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/routes/containers/container_usage.h"

#include "lib/base/log.h"

namespace tug::gatewayd {

void AddSizes(SnapshotClient& snapshots, const std::string& id,
              boost::json::object& object) {
  image::v1::GetUsageRequest request;
  request.set_lease(id);
  const auto usage = snapshots.GetUsage(request);
  LogIfError(usage.status(), "measure a container");
  object["SizeRw"] = usage.ok() ? usage->writable_bytes() : 0;
  object["SizeRootFs"] = usage.ok() ? usage->total_bytes() : 0;
}

}  // namespace tug::gatewayd
