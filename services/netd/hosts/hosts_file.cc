// SPDX-License-Identifier: Apache-2.0
#include "services/netd/hosts/hosts_file.h"

#include "absl/strings/str_cat.h"

namespace tug::netd {

std::string RenderHosts(bool ipv6, const std::vector<HostsLine>& lines) {
  std::string text = "127.0.0.1\tlocalhost\n";
  if (ipv6) {
    absl::StrAppend(&text,
                    "::1\tlocalhost ip6-localhost ip6-loopback\n"
                    "fe00::\tip6-localnet\n"
                    "ff00::\tip6-mcastprefix\n"
                    "ff02::1\tip6-allnodes\n"
                    "ff02::2\tip6-allrouters\n");
  }
  for (const HostsLine& line : lines) {
    absl::StrAppend(&text, line.address, "\t", line.names, "\n");
  }
  return text;
}

}  // namespace tug::netd
