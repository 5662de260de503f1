// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/spec/devices.h"

#include <dirent.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/cgroup/devices.h"
#include "services/runtimed/spec/spec_error.h"

namespace tug::runtimed {
namespace {

// Most nodes that a directory of devices, or /dev itself, may yield.
constexpr size_t kMaxNodes = 2048;
constexpr int kMaxDepth = 8;

constexpr const char* kDefaultAllowed[] = {
    "c *:* m",   "b *:* m",   "c 1:3 rwm",   "c 1:5 rwm",
    "c 1:7 rwm", "c 1:8 rwm", "c 1:9 rwm",   "c 5:0 rwm",
    "c 5:1 rwm", "c 5:2 rwm", "c 136:* rwm", "c 10:200 rwm",
};
constexpr const char kFuse[] = "c 10:229 rwm";

cgroup::DeviceRule Rule(absl::string_view text, bool allow) {
  cgroup::DeviceRule rule = *cgroup::ParseDeviceRule(text);
  rule.allow = allow;
  return rule;
}

bool IsDevice(mode_t mode) { return S_ISCHR(mode) || S_ISBLK(mode); }

DeviceSpec NodeOf(const struct stat& info, std::string path) {
  DeviceSpec node;
  node.path = std::move(path);
  node.type = S_ISBLK(info.st_mode) ? 'b' : 'c';
  node.major = major(info.st_rdev);
  node.minor = minor(info.st_rdev);
  node.mode = info.st_mode & 07777;
  node.uid = info.st_uid;
  node.gid = info.st_gid;
  return node;
}

cgroup::DeviceRule RuleOf(const DeviceSpec& node, const std::string& access) {
  cgroup::DeviceRule rule;
  rule.type = node.type;
  rule.major = node.major;
  rule.minor = node.minor;
  rule.access = access.empty() ? "rwm" : access;
  return rule;
}

// What every container has of its own below /dev.
bool IsContainersOwn(absl::string_view name) {
  for (absl::string_view own :
       {"pts", "shm", "fd", "mqueue", "console", "ptmx", "stdin", "stdout",
        "stderr", "null", "zero", "full", "random", "urandom", "tty", "core",
        ".lxc", ".lxd-mounts", ".udev"}) {
    if (name == own) return true;
  }
  return false;
}

struct CloseDirectory {
  void operator()(DIR* directory) const { closedir(directory); }
};

// Every device below `host`, under the same names below `inside`.
absl::Status Walk(const std::string& host, const std::string& inside,
                  bool is_dev, int depth, std::vector<DeviceSpec>& nodes) {
  const std::unique_ptr<DIR, CloseDirectory> directory(opendir(host.c_str()));
  if (directory == nullptr) {
    return SpecError(ErrnoStatus(errno, host).message());
  }
  while (const dirent* entry = readdir(directory.get())) {
    const absl::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (is_dev && depth == 0 && IsContainersOwn(name)) continue;
    const std::string path = absl::StrCat(host, "/", name);
    const std::string target = absl::StrCat(inside, "/", name);
    struct stat info = {};
    if (lstat(path.c_str(), &info) != 0) continue;
    if (S_ISDIR(info.st_mode) && depth < kMaxDepth) {
      RETURN_IF_ERROR(Walk(path, target, is_dev, depth + 1, nodes));
    } else if (IsDevice(info.st_mode)) {
      if (nodes.size() >= kMaxNodes) {
        return SpecError(absl::StrCat(host, " holds too many devices"));
      }
      nodes.push_back(NodeOf(info, target));
    }
  }
  return absl::OkStatus();
}

absl::Status AddMapping(const runtime::v1::DeviceMapping& mapping,
                        ContainerDevices& devices) {
  const std::string& host = mapping.path_on_host();
  const std::string inside =
      mapping.path_in_container().empty() ? host : mapping.path_in_container();
  struct stat info = {};
  if (stat(host.c_str(), &info) != 0) {
    return SpecError(absl::StrCat(
        "error gathering device information while adding custom device \"",
        host, "\": ",
        errno == ENOENT ? "no such file or directory"
                        : ErrnoStatus(errno, "").message()));
  }
  std::vector<DeviceSpec> nodes;
  if (S_ISDIR(info.st_mode)) {
    RETURN_IF_ERROR(Walk(host, inside, false, 0, nodes));
  } else if (IsDevice(info.st_mode)) {
    nodes.push_back(NodeOf(info, inside));
  }
  if (nodes.empty()) {
    return SpecError(absl::StrCat(
        "error gathering device information while adding custom device \"",
        host, "\": not a device node"));
  }
  for (DeviceSpec& node : nodes) {
    devices.rules.push_back(RuleOf(node, mapping.cgroup_permissions()));
    devices.nodes.push_back(std::move(node));
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<DeviceSpec> DefaultNodes() {
  struct Row {
    const char* path;
    uint32_t major;
    uint32_t minor;
  };
  static constexpr Row kRows[] = {
      {"/dev/null", 1, 3},   {"/dev/zero", 1, 5},    {"/dev/full", 1, 7},
      {"/dev/random", 1, 8}, {"/dev/urandom", 1, 9}, {"/dev/tty", 5, 0},
  };
  std::vector<DeviceSpec> nodes;
  for (const Row& row : kRows) {
    DeviceSpec node;
    node.path = row.path;
    node.major = row.major;
    node.minor = row.minor;
    nodes.push_back(std::move(node));
  }
  return nodes;
}

absl::Status CheckDevices(const runtime::v1::HostConfig& host) {
  for (const auto& mapping : host.devices().values()) {
    if (!absl::StartsWith(mapping.path_on_host(), "/")) {
      return SpecError(absl::StrCat("invalid device path '",
                                    mapping.path_on_host(),
                                    "': it is not absolute"));
    }
    const std::string& access = mapping.cgroup_permissions();
    if (access.find_first_not_of("rwm") != std::string::npos) {
      return SpecError(absl::StrCat("invalid device mode: ", access));
    }
  }
  for (const std::string& rule : host.device_cgroup_rules().values()) {
    const auto parsed = cgroup::ParseDeviceRule(rule);
    if (!parsed.ok()) return SpecError(parsed.status().message());
  }
  if (host.device_requests().values_size() > 0) {
    const auto& request = host.device_requests().values(0);
    return SpecError(absl::StrCat(
        "could not select device driver \"", request.driver(),
        "\": device requests (GPUs, CDI) are not supported; hand devices in "
        "with --device"));
  }
  return absl::OkStatus();
}

absl::StatusOr<ContainerDevices> DevicesOf(
    const runtime::v1::HostConfig& host) {
  ContainerDevices devices;
  if (host.privileged()) {
    RETURN_IF_ERROR(Walk("/dev", "/dev", true, 0, devices.nodes));
    devices.rules.push_back(Rule("a *:* rwm", true));
  } else {
    devices.rules.push_back(Rule("a *:* rwm", false));
    for (const char* text : kDefaultAllowed) {
      devices.rules.push_back(Rule(text, true));
    }
    devices.rules.push_back(Rule(kFuse, false));
  }
  for (const auto& mapping : host.devices().values()) {
    RETURN_IF_ERROR(AddMapping(mapping, devices));
  }
  for (const std::string& text : host.device_cgroup_rules().values()) {
    ASSIGN_OR_RETURN(cgroup::DeviceRule rule, cgroup::ParseDeviceRule(text));
    devices.rules.push_back(std::move(rule));
  }
  return devices;
}

}  // namespace tug::runtimed
