// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "services/registryd/client/host.h"

namespace tug::registryd {

// `location` as seen from `base`; empty if it is no http(s) address.
std::string ResolveUrl(const std::string& base, const std::string& location);

// Scheme, host and port, made explicit ("https://h:443"); empty if malformed.
std::string OriginOf(const std::string& url);

// The registry or server behind an address, the scheme's own port left out.
absl::StatusOr<Host> HostOfUrl(const std::string& url);

}  // namespace tug::registryd
