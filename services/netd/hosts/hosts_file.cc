// SPDX-License-Identifier: Apache-2.0
#include "services/netd/hosts/hosts_file.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

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

std::string MergeHosts(absl::string_view current, absl::string_view before,
                       absl::string_view after) {
  const auto split = [](absl::string_view text) {
    std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
    if (lines.back().empty()) lines.pop_back();
    return lines;
  };
  std::vector<absl::string_view> lines = split(current);
  std::vector<absl::string_view> coming = split(after);
  for (const absl::string_view line : split(before)) {
    const auto stays = std::find(coming.begin(), coming.end(), line);
    if (stays != coming.end()) {
      // Unless the user took it out, it is there.
      coming.erase(stays);
      continue;
    }
    const auto leaves = std::find(lines.begin(), lines.end(), line);
    if (leaves != lines.end()) lines.erase(leaves);
  }
  lines.insert(lines.end(), coming.begin(), coming.end());
  return absl::StrCat(absl::StrJoin(lines, "\n"), "\n");
}

}  // namespace tug::netd
