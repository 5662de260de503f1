// SPDX-License-Identifier: Apache-2.0
#include "services/netd/ports/relay_client.h"

#include <netinet/in.h>

namespace tug::netd {
namespace {

constexpr size_t kV6Network = 8;
constexpr size_t kMappedPrefix = 12;

std::string Bytes(const void* bytes, size_t size) {
  return std::string(static_cast<const char*>(bytes), size);
}

}  // namespace

RelayClient ClientAt(uint64_t listener_id, const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) {
    const auto* const v4 = reinterpret_cast<const sockaddr_in*>(&address);
    return {listener_id, Bytes(&v4->sin_addr, sizeof(v4->sin_addr))};
  }
  const auto* const v6 = reinterpret_cast<const sockaddr_in6*>(&address);
  const uint8_t* const bytes = v6->sin6_addr.s6_addr;
  if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
    return {listener_id,
            Bytes(bytes + kMappedPrefix, sizeof(in6_addr) - kMappedPrefix)};
  }
  return {listener_id, Bytes(bytes, kV6Network)};
}

}  // namespace tug::netd
