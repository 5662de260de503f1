// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/init/launch_plan_builder.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace tug::runtimed {
namespace {

constexpr char kInitTarget[] = "/sbin/docker-init";
constexpr size_t kAlignment = alignof(uint64_t);

// Grows the block; every Add answers offsets into it. The plan itself is
// copied over the start at the end.
class Block {
 public:
  Block() : bytes_(sizeof(LaunchPlan), '\0') {}

  PlanString Add(const std::string& text) {
    if (text.empty()) return {0, 0};
    return AddPresent(text);
  }

  // An empty string is present, too: arguments may be empty.
  PlanString AddPresent(const std::string& text) {
    const auto offset = static_cast<uint32_t>(bytes_.size());
    bytes_.append(text.c_str(), strlen(text.c_str()) + 1);
    return {offset, static_cast<uint32_t>(bytes_.size() - offset - 1)};
  }

  template <typename Row>
  PlanTable AddRows(const std::vector<Row>& rows) {
    if (rows.empty()) return {0, 0};
    bytes_.resize((bytes_.size() + kAlignment - 1) / kAlignment * kAlignment);
    const auto offset = static_cast<uint32_t>(bytes_.size());
    bytes_.append(reinterpret_cast<const char*>(rows.data()),
                  rows.size() * sizeof(Row));
    return {offset, static_cast<uint32_t>(rows.size())};
  }

  PlanTable AddStrings(const std::vector<std::string>& texts) {
    std::vector<PlanString> rows;
    rows.reserve(texts.size());
    for (const std::string& text : texts) rows.push_back(AddPresent(text));
    return AddRows(rows);
  }

  std::vector<uint64_t> Finish(LaunchPlan plan) {
    plan.total_size = static_cast<uint32_t>(bytes_.size());
    memcpy(bytes_.data(), &plan, sizeof(plan));
    std::vector<uint64_t> words((bytes_.size() + kAlignment - 1) / kAlignment);
    memcpy(words.data(), bytes_.data(), bytes_.size());
    return words;
  }

 private:
  std::string bytes_;
};

PlanTable AddMounts(const std::vector<MountSpec>& mounts, Block& block) {
  std::vector<PlanMount> rows;
  for (const MountSpec& mount : mounts) {
    PlanMount row = {};
    row.type = mount.type;
    row.flags = mount.flags;
    row.propagation = mount.propagation;
    row.attributes = mount.attributes;
    row.source = block.Add(mount.source);
    row.subpath = block.Add(mount.subpath);
    row.target = block.Add(mount.target);
    row.options = block.Add(mount.options);
    rows.push_back(row);
  }
  return block.AddRows(rows);
}

PlanTable AddDevices(const std::vector<DeviceSpec>& devices, Block& block) {
  std::vector<PlanDevice> rows;
  for (const DeviceSpec& device : devices) {
    rows.push_back({block.Add(device.path), static_cast<uint32_t>(device.type),
                    device.major, device.minor, device.mode, device.uid,
                    device.gid});
  }
  return block.AddRows(rows);
}

PlanTable AddSysctls(const std::vector<LaunchSpec::Sysctl>& sysctls,
                     Block& block) {
  std::vector<PlanSysctl> rows;
  for (const LaunchSpec::Sysctl& sysctl : sysctls) {
    rows.push_back({block.AddPresent(SysctlPath(sysctl.key)),
                    block.AddPresent(sysctl.value)});
  }
  return block.AddRows(rows);
}

void AddProcess(const LaunchSpec& spec, Block& block, LaunchPlan& plan) {
  plan.argv = block.AddStrings(spec.argv);
  plan.environment = block.AddStrings(spec.environment);
  plan.cwd = block.Add(spec.cwd);
  plan.user = block.Add(spec.user);
  plan.additional_groups = block.AddStrings(spec.additional_groups);
  plan.umask = spec.umask;
  plan.oom_score_adj = spec.oom_score_adj;
  plan.bounding_capabilities = spec.bounding_capabilities;
  plan.permitted_capabilities = spec.permitted_capabilities;
  plan.seccomp = block.AddRows(spec.seccomp);
  plan.rlimits = block.AddRows(spec.rlimits);
  plan.apparmor_profile = block.Add(spec.apparmor_profile);
  plan.rows = spec.rows;
  plan.columns = spec.columns;
}

void AddIsolation(const LaunchSpec& spec, Block& block, LaunchPlan& plan) {
  plan.new_namespaces = spec.new_namespaces;
  plan.joins = block.AddRows(spec.joins);
  plan.hostname = block.Add(spec.hostname);
  plan.domainname = block.Add(spec.domainname);
  plan.cgroup_tasks = block.AddStrings(spec.cgroup_tasks);
  plan.cgroup2_directory = block.Add(spec.cgroup2_directory);
  std::vector<PlanCgroupMount> cgroups;
  for (const LaunchSpec::CgroupMount& mount : spec.cgroup_mounts) {
    cgroups.push_back({block.Add(mount.name), block.Add(mount.source)});
  }
  plan.cgroup_mounts = block.AddRows(cgroups);
  plan.oom_events = block.Add(spec.oom_events);
}

void AddRoot(const LaunchSpec& spec, Block& block, LaunchPlan& plan) {
  plan.root_directory = block.Add(spec.root_directory);
  plan.lower = block.AddStrings(spec.lower);
  plan.upper = block.Add(spec.upper);
  plan.work = block.Add(spec.work);
  plan.root_propagation = spec.root_propagation;
  plan.shm_namespace = spec.shm_namespace;
  plan.mounts = AddMounts(spec.mounts, block);
  plan.devices = AddDevices(spec.devices, block);
  plan.masked_paths = block.AddStrings(spec.masked_paths);
  plan.readonly_paths = block.AddStrings(spec.readonly_paths);
  plan.sysctls = AddSysctls(spec.sysctls, block);
}

void AddShim(const LaunchSpec& spec, Block& block, LaunchPlan& plan) {
  plan.container_id = block.Add(spec.container_id);
  plan.log_type = spec.log_type;
  plan.log_path = block.Add(spec.log_path);
  plan.log_max_size = spec.log_max_size;
  plan.log_attributes = block.Add(spec.log_attributes);
  plan.socket_path = block.Add(spec.socket_path);
  plan.exit_record_path = block.Add(spec.exit_record_path);
}

long WriteAll(int fd, const char* bytes, size_t size) {
  size_t done = 0;
  while (done < size) {
    const ssize_t count = write(fd, bytes + done, size - done);
    if (count == -1 && errno == EINTR) continue;
    if (count == -1) return -errno;
    done += static_cast<size_t>(count);
  }
  return 0;
}

}  // namespace

void RunUnderInit(std::string_view init_path, LaunchSpec* spec) {
  MountSpec mount;
  mount.source = std::string(init_path);
  mount.target = kInitTarget;
  mount.attributes = MOUNT_ATTR_RDONLY;
  mount.flags = kMountPrivateCopy;
  spec->mounts.push_back(mount);
  const std::string head[] = {kInitTarget, "--"};
  spec->argv.insert(spec->argv.begin(), std::begin(head), std::end(head));
}

std::string SysctlPath(std::string_view key) {
  std::string path(key);
  const size_t separator = path.find_first_of("./");
  if (separator == std::string::npos || path[separator] == '/') return path;
  for (char& c : path) c = c == '.' ? '/' : c == '/' ? '.' : c;
  return path;
}

std::vector<uint64_t> SerializePlan(const LaunchSpec& spec) {
  LaunchPlan plan = {};
  plan.magic = kPlanMagic;
  plan.version = kPlanVersion;
  plan.kind = spec.kind;
  plan.flags = spec.flags;
  Block block;
  AddProcess(spec, block, plan);
  if (spec.kind == PlanKind::kExec) {
    plan.cgroup_tasks = block.AddStrings(spec.cgroup_tasks);
    plan.cgroup2_directory = block.Add(spec.cgroup2_directory);
    return block.Finish(plan);
  }
  AddIsolation(spec, block, plan);
  AddRoot(spec, block, plan);
  AddShim(spec, block, plan);
  return block.Finish(plan);
}

long WritePlan(const LaunchSpec& spec, UniqueFd* memfd) {
  const std::vector<uint64_t> words = SerializePlan(spec);
  const auto* bytes = reinterpret_cast<const char*>(words.data());
  const size_t size = words.size() * sizeof(uint64_t);
  PlanView view;
  if (const long error = PlanView::Parse(bytes, size, &view); error != 0) {
    return error;
  }
  UniqueFd fd(memfd_create("launch-plan", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd) return -errno;
  if (const long error = WriteAll(fd.get(), bytes, size); error != 0) {
    return error;
  }
  const int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
  if (fcntl(fd.get(), F_ADD_SEALS, seals) == -1) return -errno;
  *memfd = std::move(fd);
  return 0;
}

}  // namespace tug::runtimed
