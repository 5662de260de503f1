// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <utility>

namespace tug::netd {

// Who shares in what the relay has: a client at one published port. Ports do
// not pay for each other, nor do the clients of one.
using RelayClient = std::pair<uint64_t, std::string>;

// `address` is that of the client. An IPv6 host has as many addresses as it
// likes in its /64, so these are one client.
RelayClient ClientAt(uint64_t listener_id, const sockaddr_storage& address);

}  // namespace tug::netd
