// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "proto/tug/network/v1/network.pb.h"
#include "proto/tug/runtime/v1/container.pb.h"

namespace tug::gatewayd {

// "container:<reference>": the reference; empty for every other mode.
std::string ContainerOfMode(absl::string_view mode);

// What HostConfig.NetworkMode forbids to be combined with it, and malformed
// ports and hosts; Docker's words.
absl::Status CheckNetworkSettings(const runtime::v1::Config& config,
                                  const runtime::v1::HostConfig& host);

// Docker's warnings about settings that the mode makes void.
std::vector<std::string> NetworkWarnings(const runtime::v1::HostConfig& host);

// The sandbox of a new container whose mode is not "container:". `endpoints`:
// those of the request, by network. Links are left to the caller.
absl::StatusOr<network::v1::ReserveSandboxRequest> MakeSandboxRequest(
    const runtime::v1::Container& container,
    const std::vector<network::v1::Endpoint>& endpoints);

// "name:alias", or "name".
struct LinkText {
  std::string container;
  std::string alias;
};
LinkText ParseLink(const std::string& text);

}  // namespace tug::gatewayd
