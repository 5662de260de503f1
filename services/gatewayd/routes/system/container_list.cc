// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/routes/system/container_list.h"

#include <utility>

#include "lib/base/status_macros.h"

namespace tug::gatewayd {
namespace {

constexpr int kPageSize = 10000;

}  // namespace

absl::StatusOr<std::vector<runtime::v1::Container>> ListAllContainers(
    ContainerClient& client) {
  std::vector<runtime::v1::Container> containers;
  runtime::v1::ListContainersRequest request;
  request.set_page_size(kPageSize);
  request.set_view(runtime::v1::CONTAINER_VIEW_BASIC);
  do {
    ASSIGN_OR_RETURN(runtime::v1::ListContainersResponse page,
                     client.ListContainers(request));
    for (runtime::v1::Container& container : *page.mutable_containers()) {
      containers.push_back(std::move(container));
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return containers;
}

}  // namespace tug::gatewayd
