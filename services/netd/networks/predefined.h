// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/strings/string_view.h"
#include "proto/tug/network/v1/network.pb.h"

namespace tug::netd {

inline constexpr char kDefaultBridge[] = "bridge";
inline constexpr char kHostNetwork[] = "host";
inline constexpr char kNoneNetwork[] = "none";

inline constexpr char kBridgeDriver[] = "bridge";
inline constexpr char kHostDriver[] = "host";
inline constexpr char kNullDriver[] = "null";

// Names that users can neither create nor remove.
bool IsPredefined(absl::string_view name);

// Whether names are resolved, and aliases and static addresses allowed: bridge
// networks that a user made.
bool IsUserDefined(const network::v1::Network& network);

}  // namespace tug::netd
