// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/routes/system/container_list.h"

#include <utility>

#include "lib/base/status_macros.h"
#include "services/gatewayd/peers/list_pages.h"

namespace tug::gatewayd {
absl::StatusOr<std::vector<runtime::v1::Container>> ListAllContainers(
    ContainerClient& client) {
  std::vector<runtime::v1::Container> containers;
  runtime::v1::ListContainersRequest request;
  request.set_view(runtime::v1::CONTAINER_VIEW_BASIC);
  const auto take = [&](runtime::v1::ListContainersResponse& page) {
    for (runtime::v1::Container& container : *page.mutable_containers()) {
      containers.push_back(std::move(container));
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(
      ReadPages(client, &ContainerClient::ListContainers, request, take));
  return containers;
}

}  // namespace tug::gatewayd
