// SPDX-License-Identifier: Apache-2.0
#include "services/netd/firewall/legacy_forward_policy.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
// After the headers of the C library, whose names they share.
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>

#include <cstring>
#include <memory>

#include "absl/strings/str_split.h"
#include "lib/sys/file.h"
#include "lib/sys/unique_fd.h"

namespace tug::netd {
namespace {

constexpr char kTable[] = "filter";
// A rule set above this is not read; 100,000 rules have 20 MiB.
constexpr unsigned kMaxRules = 64 * 1024 * 1024;
constexpr size_t kMaxNames = 4096;
// How the kernel writes the verdict of a policy.
constexpr int kDropVerdict = -NF_DROP - 1;

bool HasFilterTable(const char* names_file) {
  char names[kMaxNames];
  const long size = sys::ReadFileAt(AT_FDCWD, names_file, names, sizeof(names));
  if (size <= 0) return false;
  for (const absl::string_view name : absl::StrSplit(
           absl::string_view(names, static_cast<size_t>(size)), '\n')) {
    if (name == kTable) return true;
  }
  return false;
}

// The structures of both families have the same parts; their entries differ in
// size. The policy of a chain is the rule at its "underflow".
template <typename Info, typename Entries, typename Entry>
bool DropsForwarded(int family, int level, int get_info, int get_entries) {
  const UniqueFd any(socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  Info info = {};
  std::strcpy(info.name, kTable);
  socklen_t size = sizeof(info);
  if (!any || getsockopt(any.get(), level, get_info, &info, &size) != 0 ||
      info.size > kMaxRules) {
    return false;
  }
  const size_t total = sizeof(Entries) + info.size;
  const auto bytes = std::make_unique<char[]>(total);
  Entries header = {};
  std::strcpy(header.name, kTable);
  header.size = info.size;
  std::memcpy(bytes.get(), &header, sizeof(header));
  size = static_cast<socklen_t>(total);
  if (getsockopt(any.get(), level, get_entries, bytes.get(), &size) != 0) {
    return false;
  }
  const size_t at = info.underflow[NF_INET_FORWARD];
  if (at + sizeof(Entry) > info.size) return false;
  Entry policy;
  const char* const rule = bytes.get() + sizeof(Entries) + at;
  std::memcpy(&policy, rule, sizeof(policy));
  xt_standard_target target;
  if (at + policy.target_offset + sizeof(target) > info.size) return false;
  std::memcpy(&target, rule + policy.target_offset, sizeof(target));
  return target.verdict == kDropVerdict;
}

}  // namespace

std::vector<std::string> FindLegacyForwardDrops() {
  std::vector<std::string> drops;
  if (HasFilterTable("/proc/thread-self/net/ip_tables_names") &&
      DropsForwarded<ipt_getinfo, ipt_get_entries, ipt_entry>(
          AF_INET, IPPROTO_IP, IPT_SO_GET_INFO, IPT_SO_GET_ENTRIES)) {
    drops.push_back("legacy ip filter FORWARD");
  }
  if (HasFilterTable("/proc/thread-self/net/ip6_tables_names") &&
      DropsForwarded<ipt_getinfo, ip6t_get_entries, ip6t_entry>(
          AF_INET6, IPPROTO_IPV6, IP6T_SO_GET_INFO, IP6T_SO_GET_ENTRIES)) {
    drops.push_back("legacy ip6 filter FORWARD");
  }
  return drops;
}

}  // namespace tug::netd
