// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "boost/json/object.hpp"
#include "proto/tug/registry/v1/registry.pb.h"

namespace tug::gatewayd {

// Largest X-Registry-Auth header that is looked at.
inline constexpr size_t kMaxRegistryAuth = 64 * 1024;

// Credentials, and the registry that they are for as the client wrote it.
struct RegistryAuth {
  registry::v1::Credentials credentials;
  std::string server_address;
  bool empty() const;
};

// Decodes X-Registry-Auth (base64url of JSON). Docker's lenience: what cannot
// be decoded is anonymous.
RegistryAuth DecodeRegistryAuth(absl::string_view header);

// The body of POST /auth. INVALID_ARGUMENT for a field of another type.
absl::StatusOr<RegistryAuth> DecodeAuthBody(const boost::json::object& body);

// "https://index.docker.io/v1/" and "" are "docker.io"; otherwise the host with
// its port, without scheme and path.
std::string RegistryHost(absl::string_view server_address);

}  // namespace tug::gatewayd
