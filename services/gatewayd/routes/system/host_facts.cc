// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/routes/system/host_facts.h"

#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "services/gatewayd/translate/times.h"

namespace tug::gatewayd {
namespace {

// Longest file that is looked at.
constexpr std::streamsize kMaxFactFile = 64 * 1024;

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kMaxFactFile, '\0');
  file.read(text.data(), kMaxFactFile);
  text.resize(static_cast<size_t>(file.gcount()));
  return text;
}

bool Exists(const std::string& path) {
  return ::access(path.c_str(), F_OK) == 0;
}

// The value of `key` in a file of KEY="value" lines.
std::string OsReleaseValue(const std::string& text, absl::string_view key) {
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (!absl::ConsumePrefix(&line, absl::StrCat(key, "="))) continue;
    absl::ConsumePrefix(&line, "\"");
    absl::ConsumeSuffix(&line, "\"");
    return std::string(line);
  }
  return "";
}

int64_t MemoryTotal(const std::string& root) {
  constexpr int64_t kKibibyte = 1024;
  for (absl::string_view line :
       absl::StrSplit(ReadFile(root + "/proc/meminfo"), '\n')) {
    if (!absl::ConsumePrefix(&line, "MemTotal:")) continue;
    absl::ConsumeSuffix(&line, "kB");
    int64_t kibibytes = 0;
    if (absl::SimpleAtoi(absl::StripAsciiWhitespace(line), &kibibytes)) {
      return kibibytes * kKibibyte;
    }
  }
  return 0;
}

void ReadCgroupV1(const std::string& cgroup, HostFacts& facts) {
  const auto has = [&](const char* name) { return Exists(cgroup + name); };
  facts.cgroup_version = 1;
  facts.memory_limit = has("/memory/memory.limit_in_bytes");
  facts.swap_limit = has("/memory/memory.memsw.limit_in_bytes");
  facts.oom_kill_disable = has("/memory/memory.oom_control");
  facts.cpu_shares = has("/cpu/cpu.shares");
  facts.cpu_quota = has("/cpu/cpu.cfs_quota_us");
  facts.cpuset = has("/cpuset/cpuset.cpus");
  facts.pids_limit = has("/pids");
}

void ReadCgroupV2(const std::string& controllers, const std::string& root,
                  HostFacts& facts) {
  const std::vector<absl::string_view> names =
      absl::StrSplit(controllers, absl::ByAnyChar(" \n"));
  const auto has = [&](absl::string_view name) {
    for (absl::string_view other : names) {
      if (other == name) return true;
    }
    return false;
  };
  facts.cgroup_version = 2;
  facts.memory_limit = has("memory");
  facts.swap_limit = has("memory") && Exists(root + "/proc/swaps");
  facts.cpu_shares = facts.cpu_quota = has("cpu");
  facts.cpuset = has("cpuset");
  facts.pids_limit = has("pids");
}

void ReadCgroups(const std::string& root, HostFacts& facts) {
  const std::string cgroup = root + "/sys/fs/cgroup";
  const std::string controllers = cgroup + "/cgroup.controllers";
  if (Exists(controllers)) {
    ReadCgroupV2(ReadFile(controllers), root, facts);
  } else {
    ReadCgroupV1(cgroup, facts);
  }
}

std::string GoArchitecture(absl::string_view machine) {
  if (machine == "x86_64") return "amd64";
  if (machine == "aarch64") return "arm64";
  if (absl::StartsWith(machine, "arm")) return "arm";
  if (absl::StartsWith(machine, "i") && absl::EndsWith(machine, "86")) {
    return "386";
  }
  return std::string(machine);
}

void ReadKernel(HostFacts& facts) {
  utsname names = {};
  if (::uname(&names) != 0) return;
  facts.host_name = names.nodename;
  facts.kernel_version = names.release;
  facts.machine = names.machine;
  facts.architecture = GoArchitecture(facts.machine);
}

std::string BuildTime() {
  struct stat file = {};
  if (::stat("/proc/self/exe", &file) != 0) return "";
  return Rfc3339(absl::TimeFromTimespec(file.st_mtim));
}

struct Lack {
  bool HostFacts::*has;
  const char* warning;
};

constexpr Lack kLacks[] = {
    {&HostFacts::memory_limit, "WARNING: No memory limit support"},
    {&HostFacts::swap_limit, "WARNING: No swap limit support"},
    {&HostFacts::cpu_shares, "WARNING: No cpu shares support"},
    {&HostFacts::cpu_quota, "WARNING: No cpu cfs quota support"},
    {&HostFacts::cpuset, "WARNING: No cpuset support"},
    {&HostFacts::pids_limit, "WARNING: No pids limit support"},
    {&HostFacts::ipv4_forwarding, "WARNING: IPv4 forwarding is disabled"},
};

}  // namespace

HostFacts ReadHostFacts(const std::string& root) {
  HostFacts facts;
  ReadKernel(facts);
  std::string release = ReadFile(root + "/etc/os-release");
  if (release.empty()) release = ReadFile(root + "/usr/lib/os-release");
  facts.operating_system = OsReleaseValue(release, "PRETTY_NAME");
  if (facts.operating_system.empty()) facts.operating_system = "Linux";
  facts.os_version = OsReleaseValue(release, "VERSION_ID");
  facts.machine_id = std::string(
      absl::StripAsciiWhitespace(ReadFile(root + "/etc/machine-id")));
  facts.memory_total = MemoryTotal(root);
  facts.cpu_count = static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN));
  ReadCgroups(root, facts);
  facts.seccomp = Exists(root + "/proc/sys/kernel/seccomp/actions_avail");
  facts.ipv4_forwarding =
      absl::StartsWith(ReadFile(root + "/proc/sys/net/ipv4/ip_forward"), "1");
  facts.build_time = BuildTime();
  return facts;
}

std::vector<std::string> HostWarnings(const HostFacts& facts) {
  std::vector<std::string> warnings;
  for (const Lack& lack : kLacks) {
    if (!(facts.*lack.has)) warnings.emplace_back(lack.warning);
  }
  return warnings;
}

}  // namespace tug::gatewayd
