// SPDX-License-Identifier: Apache-2.0
#include "services/netd/forwarding/host_forwarding.h"

#include <sys/socket.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/netd/sysctl/sysctl.h"

namespace tug::netd {
namespace {

// What differs between the families.
struct Family {
  const char* name;
  const char* directory;  // Of the settings of each interface.
  const char* setting;    // The switch.
  // The setting by which one interface forwards though the switch is off.
  const char* of_interface;
  const char* reason;
  const char* advice;
};

constexpr Family kV4 = {"IPv4",
                        "ipv4/conf",
                        "ipv4/ip_forward",
                        "forwarding",
                        "IPV4_FORWARDING_DISABLED",
                        "set sysctl net.ipv4.ip_forward=1"};
constexpr Family kV6 = {"IPv6",
                        "ipv6/conf",
                        "ipv6/conf/all/forwarding",
                        "force_forwarding",
                        "IPV6_FORWARDING_DISABLED",
                        "set sysctls net.ipv6.conf.all.forwarding=1 and "
                        "net.ipv6.conf.default.forwarding=1"};

const Family& Of(int family) { return family == AF_INET ? kV4 : kV6; }

bool IsInterface(const std::string& name) {
  return name != "all" && name != "default";
}

absl::StatusOr<std::vector<std::string>> InterfacesThatForward(
    const Family& family) {
  ASSIGN_OR_RETURN(const std::vector<std::string> names,
                   ListSysctls(family.directory));
  std::vector<std::string> forwarding;
  for (const std::string& name : names) {
    const auto value = ReadSysctl(
        absl::StrCat(family.directory, "/", name, "/", family.of_interface));
    // Kernels before 6.17 have no force_forwarding; interfaces go away.
    if (IsInterface(name) && value.ok() && *value == "1") {
      forwarding.push_back(name);
    }
  }
  return forwarding;
}

}  // namespace

absl::StatusOr<bool> IsForwarding(int family) {
  const absl::StatusOr<std::string> value = ReadSysctl(Of(family).setting);
  if (!value.ok()) return value.status();
  return *value == "1";
}

absl::Status KeepLearningFromRouters() {
  ASSIGN_OR_RETURN(const std::vector<std::string> names,
                   ListSysctls(kV6.directory));
  for (const std::string& name : names) {
    const std::string of = absl::StrCat(kV6.directory, "/", name);
    const auto learning = ReadSysctl(absl::StrCat(of, "/accept_ra"));
    const auto forwarding = ReadSysctl(absl::StrCat(of, "/forwarding"));
    if (name == "all" || !learning.ok() || *learning != "1" ||
        !forwarding.ok() || *forwarding != "0") {
      continue;
    }
    const absl::Status kept = WriteSysctl(absl::StrCat(of, "/accept_ra"), "2");
    // The interface may be gone by now.
    if (!kept.ok() && !absl::IsNotFound(kept)) return kept;
  }
  return absl::OkStatus();
}

absl::Status HostForwarding::Ensure(int family) {
  const Family& of = Of(family);
  absl::MutexLock lock(&mutex_);
  ASSIGN_OR_RETURN(const bool on, IsForwarding(family));
  if (on) return absl::OkStatus();
  if (!allowed_) {
    return WithReason(
        absl::FailedPreconditionError(absl::StrCat(
            of.name,
            " forwarding is disabled: check your host's firewalling and ",
            of.advice, ", or set netd's ip-forward to on")),
        of.reason);
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> before,
                   InterfacesThatForward(of));
  LogInfo(absl::StrCat("turning on ", of.name, " forwarding"),
          {{"forwarded-before", absl::StrJoin(before, " ")}});
  // In this order, so that whatever is interrupted never leaves a host that
  // forwards for strangers.
  RETURN_IF_ERROR(record_->Write(family, before));
  RETURN_IF_ERROR(firewall_.Guard(family, before));
  if (family == AF_INET6) RETURN_IF_ERROR(KeepLearningFromRouters());
  return WriteSysctl(of.setting, "1");
}

}  // namespace tug::netd
