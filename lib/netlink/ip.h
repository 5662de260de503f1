// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>

#include "absl/numeric/int128.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

struct sockaddr_storage;

namespace tug::netlink {

// An IPv4 or IPv6 address. Ordered by family, then numerically.
class IpAddress {
 public:
  // 0.0.0.0.
  IpAddress() = default;

  // INVALID_ARGUMENT names the text. No zone, no port.
  static absl::StatusOr<IpAddress> Parse(absl::string_view text);

  // `bytes` in network order: 4 of AF_INET, 16 of AF_INET6.
  static IpAddress FromBytes(int family, const void* bytes);

  // The address whose number within its family is `value`.
  static IpAddress FromNumber(int family, absl::uint128 value);

  int family() const { return family_; }
  bool is_v4() const;
  // 4 or 16.
  size_t size() const { return is_v4() ? 4 : 16; }
  int bits() const { return static_cast<int>(size()) * 8; }
  const uint8_t* bytes() const { return bytes_.data(); }
  absl::uint128 number() const;

  bool IsUnspecified() const { return number() == 0; }
  // 127.0.0.0/8 or ::1.
  bool IsLoopback() const;

  std::string ToString() const;

  auto operator<=>(const IpAddress&) const = default;

 private:
  int family_ = 2;  // AF_INET
  std::array<uint8_t, 16> bytes_ = {};
};

// An address with the length of its network part.
struct IpPrefix {
  IpAddress address;
  int length = 0;

  // "10.0.0.0/8". Host bits are kept. INVALID_ARGUMENT names the text.
  static absl::StatusOr<IpPrefix> Parse(absl::string_view text);

  // The same network with its host bits cleared.
  IpPrefix Masked() const;
  // The last address: in IPv4 the broadcast address.
  IpAddress Last() const;
  bool Contains(const IpAddress& other) const;
  // Whether `other` lies wholly inside.
  bool Contains(const IpPrefix& other) const;
  bool Overlaps(const IpPrefix& other) const;
  std::string ToString() const;

  auto operator<=>(const IpPrefix&) const = default;
};

// Writes `address` and `port` as a socket address; answers its size.
unsigned ToSockaddr(const IpAddress& address, uint16_t port,
                    sockaddr_storage& storage);

}  // namespace tug::netlink
