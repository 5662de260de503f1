// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/spec/capabilities.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "lib/base/status_macros.h"
#include "services/runtimed/spec/spec_error.h"

namespace tug::runtimed {
namespace {

constexpr const char* kDefault[] = {
    "CHOWN",   "DAC_OVERRIDE", "FSETID",           "FOWNER",
    "MKNOD",   "NET_RAW",      "SETGID",           "SETUID",
    "SETFCAP", "SETPCAP",      "NET_BIND_SERVICE", "SYS_CHROOT",
    "KILL",    "AUDIT_WRITE",
};

struct Request {
  bool all = false;
  kernel::CapabilitySet set = 0;
};

absl::StatusOr<Request> Parse(const type::v1::StringList& names,
                              kernel::CapabilitySet own, const char* field) {
  Request request;
  for (const std::string& name : names.values()) {
    const std::string upper = absl::AsciiStrToUpper(name);
    if (upper == "ALL" || upper == "CAP_ALL") {
      request.all = true;
      continue;
    }
    const auto number = kernel::CapabilityNumber(name);
    const std::string full =
        absl::StrCat("CAP_", absl::StripPrefix(upper, "CAP_"));
    if (!number.has_value()) {
      return SpecError(absl::StrCat("invalid ", field,
                                    ": unknown capability: \"", full, "\""));
    }
    const kernel::CapabilitySet bit = kernel::CapabilitySet{1} << *number;
    if ((own & bit) == 0) {
      return SpecError(
          absl::StrCat("invalid ", field,
                       ": capability not supported by kernel or not "
                       "available in the current environment: \"",
                       full, "\""));
    }
    request.set |= bit;
  }
  return request;
}

}  // namespace

kernel::CapabilitySet DefaultCapabilities() {
  kernel::CapabilitySet set = 0;
  for (const char* name : kDefault) {
    set |= kernel::CapabilitySet{1} << *kernel::CapabilityNumber(name);
  }
  return set;
}

absl::StatusOr<kernel::CapabilitySet> ContainerCapabilities(
    const runtime::v1::HostConfig& host, kernel::CapabilitySet own) {
  ASSIGN_OR_RETURN(const Request add, Parse(host.cap_add(), own, "CapAdd"));
  ASSIGN_OR_RETURN(const Request drop, Parse(host.cap_drop(), own, "CapDrop"));
  if (host.privileged()) return own;
  if (add.all) return own & ~drop.set;
  if (drop.all) return add.set;
  return ((DefaultCapabilities() & ~drop.set) | add.set) & own;
}

}  // namespace tug::runtimed
