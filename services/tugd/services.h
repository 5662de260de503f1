// SPDX-License-Identifier: Apache-2.0
//
// The services that tugd runs.
#pragma once

#include <array>

#include "absl/strings/string_view.h"

namespace tug::tugd {

// Whose rights a service gets.
enum class Rights { kRoot, kGatewayUser, kRegistryUser };

struct Service {
  const char* name;  // Also its program, its section and its sockets.
  Rights rights;
  bool speaks_rest;  // Otherwise gRPC and byte streams.
};

// Started in this order; the gateway last, so that its peers' sockets exist
// (they do anyway: tugd makes them), and stopped first.
inline constexpr std::array<Service, 6> kServices = {{
    {"runtimed", Rights::kRoot, false},
    {"imaged", Rights::kRoot, false},
    {"netd", Rights::kRoot, false},
    {"volumed", Rights::kRoot, false},
    {"registryd", Rights::kRegistryUser, false},
    {"gatewayd", Rights::kGatewayUser, true},
}};

// Null if there is none of this name.
constexpr const Service* FindService(absl::string_view name) {
  for (const Service& service : kServices) {
    if (name == service.name) return &service;
  }
  return nullptr;
}

}  // namespace tug::tugd
