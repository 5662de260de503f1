// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/ip.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace tug::netlink {
namespace {

// All ones below the network part.
absl::uint128 HostMask(const IpPrefix& prefix) {
  const int host_bits = prefix.address.bits() - prefix.length;
  if (host_bits <= 0) return 0;
  if (host_bits >= 128) return absl::Uint128Max();
  return (absl::uint128(1) << host_bits) - 1;
}

}  // namespace

absl::StatusOr<IpAddress> IpAddress::Parse(absl::string_view text) {
  const std::string copy(text);
  IpAddress address;
  if (inet_pton(AF_INET, copy.c_str(), address.bytes_.data()) == 1) {
    return address;
  }
  address.family_ = AF_INET6;
  if (inet_pton(AF_INET6, copy.c_str(), address.bytes_.data()) == 1) {
    return address;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("'", text, "' is not an IP address"));
}

IpAddress IpAddress::FromBytes(int family, const void* bytes) {
  IpAddress address;
  address.family_ = family;
  std::memcpy(address.bytes_.data(), bytes, address.size());
  return address;
}

IpAddress IpAddress::FromNumber(int family, absl::uint128 value) {
  IpAddress address;
  address.family_ = family;
  for (size_t i = address.size(); i > 0; --i) {
    address.bytes_[i - 1] = static_cast<uint8_t>(absl::Uint128Low64(value));
    value >>= 8;
  }
  return address;
}

bool IpAddress::is_v4() const { return family_ == AF_INET; }

absl::uint128 IpAddress::number() const {
  absl::uint128 value = 0;
  for (size_t i = 0; i < size(); ++i) value = (value << 8) | bytes_[i];
  return value;
}

bool IpAddress::IsLoopback() const {
  return is_v4() ? bytes_[0] == 127 : number() == 1;
}

std::string IpAddress::ToString() const {
  char text[INET6_ADDRSTRLEN];
  return inet_ntop(family_, bytes_.data(), text, sizeof(text));
}

absl::StatusOr<IpPrefix> IpPrefix::Parse(absl::string_view text) {
  const auto bad = [&](absl::string_view why) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", text, "' is not a subnet in CIDR form: ", why));
  };
  const size_t slash = text.find('/');
  if (slash == absl::string_view::npos) return bad("no '/'");
  const auto address = IpAddress::Parse(text.substr(0, slash));
  if (!address.ok()) return bad("bad address");
  const absl::string_view digits = text.substr(slash + 1);
  int length = 0;
  const bool plain =
      digits.find_first_not_of("0123456789") == absl::string_view::npos;
  if (!plain || !absl::SimpleAtoi(digits, &length)) return bad("bad length");
  if (length > address->bits()) return bad("prefix length out of range");
  return IpPrefix{*address, length};
}

IpPrefix IpPrefix::Masked() const {
  const absl::uint128 network = address.number() & ~HostMask(*this);
  return {IpAddress::FromNumber(address.family(), network), length};
}

IpAddress IpPrefix::Last() const {
  return IpAddress::FromNumber(address.family(),
                               address.number() | HostMask(*this));
}

bool IpPrefix::Contains(const IpAddress& other) const {
  if (other.family() != address.family()) return false;
  return ((other.number() ^ address.number()) & ~HostMask(*this)) == 0;
}

bool IpPrefix::Contains(const IpPrefix& other) const {
  return other.length >= length && Contains(other.address);
}

bool IpPrefix::Overlaps(const IpPrefix& other) const {
  return Contains(other) || other.Contains(*this);
}

std::string IpPrefix::ToString() const {
  return absl::StrCat(address.ToString(), "/", length);
}

unsigned ToSockaddr(const IpAddress& address, uint16_t port,
                    sockaddr_storage& storage) {
  storage = {};
  if (address.is_v4()) {
    auto* v4 = reinterpret_cast<sockaddr_in*>(&storage);
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    std::memcpy(&v4->sin_addr, address.bytes(), 4);
    return sizeof(*v4);
  }
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&storage);
  v6->sin6_family = AF_INET6;
  v6->sin6_port = htons(port);
  std::memcpy(&v6->sin6_addr, address.bytes(), 16);
  return sizeof(*v6);
}

}  // namespace tug::netlink
