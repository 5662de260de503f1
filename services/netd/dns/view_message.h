// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/strings/string_view.h"
#include "services/netd/dns/control.pb.h"
#include "services/netd/dns/dns_view.h"
#include "services/netd/dns/name_directory.h"

namespace tug::netd::dns {

// A view as it travels, and back. Upstreams that are no addresses are left out.
View ToMessage(absl::string_view lease, const DnsView& view);
DnsView FromMessage(const View& message);

NameDirectory::Addresses AddressesOf(const Names& names);

}  // namespace tug::netd::dns
