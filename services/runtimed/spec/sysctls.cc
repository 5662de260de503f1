// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/spec/sysctls.h"

#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "services/runtimed/spec/spec_error.h"

namespace tug::runtimed {
namespace {

constexpr const char* kIpc[] = {
    "kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem",
    "kernel.shmall", "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced",
};

enum class Space { kNone, kIpc, kNetwork, kUts };

Space SpaceOf(const std::string& key) {
  if (absl::StartsWith(key, "net.")) return Space::kNetwork;
  if (absl::StartsWith(key, "fs.mqueue.")) return Space::kIpc;
  if (key == "kernel.domainname" || key == "kernel.hostname") {
    return Space::kUts;
  }
  for (const char* name : kIpc) {
    if (key == name) return Space::kIpc;
  }
  return Space::kNone;
}

bool IsPlain(const std::string& text) {
  for (const char c : text) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) return false;
  }
  return true;
}

// The reader may use either separator; checks use dots.
std::string Dotted(const std::string& key) {
  return absl::StrReplaceAll(key, {{"/", "."}});
}

absl::Status Check(const std::string& key, const std::string& value,
                   const runtime::v1::HostConfig& host) {
  const std::string dotted = Dotted(key);
  if (!IsPlain(key) || !IsPlain(value) || absl::StrContains(dotted, "..")) {
    return SpecError(absl::StrCat("invalid sysctl '", key, "'"));
  }
  switch (SpaceOf(dotted)) {
    case Space::kNone:
      return SpecError(absl::StrCat("sysctl '", key,
                                    "' is not allowed: it is not namespaced"));
    case Space::kNetwork:
      if (host.network_mode() == "host") {
        return SpecError(absl::StrCat("sysctl '", key,
                                      "' not allowed in host network "
                                      "namespace"));
      }
      return absl::OkStatus();
    case Space::kIpc:
      if (host.ipc_mode() == "host") {
        return SpecError(absl::StrCat("sysctl '", key,
                                      "' not allowed in host ipc namespace"));
      }
      return absl::OkStatus();
    case Space::kUts:
      if (dotted == "kernel.hostname") {
        return SpecError(
            "sysctl 'kernel.hostname' is not allowed: use "
            "--hostname");
      }
      if (host.uts_mode() == "host") {
        return SpecError(absl::StrCat("sysctl '", key,
                                      "' not allowed in host uts namespace"));
      }
      return absl::OkStatus();
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckSysctlNamespace(const std::string& key,
                                  const EngineNamespaces& of_engine) {
  const Space space = SpaceOf(Dotted(key));
  const char* refusal = nullptr;
  if (space == Space::kNetwork && of_engine.network) {
    refusal = " not allowed in host network namespace";
  } else if (space == Space::kIpc && of_engine.ipc) {
    refusal = " is not allowed in the hosts ipc namespace";
  } else if (space == Space::kUts && of_engine.uts) {
    refusal = " not allowed in host uts namespace";
  }
  if (refusal == nullptr) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("sysctl \"", key, "\"", refusal));
}

absl::StatusOr<std::vector<std::pair<std::string, std::string>>>
ContainerSysctls(const runtime::v1::HostConfig& host) {
  const auto& map = host.sysctls().values();
  const std::map<std::string, std::string> sorted(map.begin(), map.end());
  std::vector<std::pair<std::string, std::string>> sysctls;
  for (const auto& [key, value] : sorted) {
    absl::Status status = Check(key, value, host);
    if (!status.ok()) return status;
    sysctls.emplace_back(key, value);
  }
  return sysctls;
}

}  // namespace tug::runtimed
