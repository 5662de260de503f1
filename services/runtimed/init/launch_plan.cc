// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/init/launch_plan.h"

#include <linux/mount.h>
#include <sched.h>
#include <sys/resource.h>

#include <cerrno>
#include <cstring>

namespace tug::runtimed {
namespace {

constexpr uint64_t kKnownNamespaces =
    CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET |
    CLONE_NEWCGROUP | 0x80 /* CLONE_NEWTIME */;
constexpr uint64_t kKnownAttributes =
    MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
    MOUNT_ATTR_NOEXEC | MOUNT_ATTR__ATIME | MOUNT_ATTR_NODIRATIME |
    MOUNT_ATTR_NOSYMFOLLOW;
constexpr uint32_t kTextSize = 4096;  // paths, names: PATH_MAX
// execve(2): one argument or variable (MAX_ARG_STRLEN).
constexpr uint32_t kArgumentSize = 131072;
constexpr uint32_t kSeccompRow = 8;
// kFirstExtraFd of shim/protocol.h.
constexpr uint32_t kFirstJoinFd = 5;

bool IsPassedFd(uint32_t fd) {
  return fd >= kFirstJoinFd && fd < kFirstJoinFd + kMaxPlanJoins;
}

bool IsAbsolute(const char* path) { return path[0] == '/'; }

// True for a relative path without empty, "." and ".." parts.
bool IsCleanRelative(const char* path) {
  while (true) {
    const char* end = strchrnul(path, '/');
    const auto size = static_cast<size_t>(end - path);
    if (size == 0 || (size == 1 && path[0] == '.')) return false;
    if (size == 2 && path[0] == '.' && path[1] == '.') return false;
    if (*end == '\0') return true;
    path = end + 1;
  }
}

// Walks one block. The first defect is kept; later checks then do nothing, so
// that callers need not test each.
class Checker {
 public:
  Checker(const void* bytes, size_t size)
      : base_(static_cast<const char*>(bytes)), size_(size) {}

  long error() const { return error_; }
  void Fail(long error) {
    if (error_ == 0) error_ = error;
  }
  void Require(bool condition) {
    if (!condition) Fail(-EINVAL);
  }

  // "" when absent or wrong.
  const char* Text(const PlanString& string, uint32_t limit = kTextSize) {
    if (string.offset == 0) {
      Require(string.size == 0);
      return "";
    }
    if (string.size >= limit) {
      Fail(-E2BIG);
      return "";
    }
    if (string.offset < sizeof(LaunchPlan) || string.offset >= size_ ||
        string.size >= size_ - string.offset) {
      Fail(-EINVAL);
      return "";
    }
    const char* text = base_ + string.offset;
    if (memchr(text, '\0', string.size + 1) != text + string.size) {
      Fail(-EINVAL);
      return "";
    }
    return text;
  }

  // Absolute, or absent where `required` is off.
  void Path(const PlanString& string, bool required) {
    const char* text = Text(string);
    Require(string.offset == 0 ? !required : IsAbsolute(text));
  }

  // Whether rows may be looked at.
  bool Table(const PlanTable& table, uint32_t row_size, uint32_t limit) {
    if (error_ != 0 || table.count == 0) {
      Require(table.count != 0 || table.offset == 0);
      return false;
    }
    if (table.count > limit) {
      Fail(-E2BIG);
    } else if (table.offset % 8 != 0 || table.offset < sizeof(LaunchPlan) ||
               table.offset > size_ ||
               uint64_t{table.count} * row_size > size_ - table.offset) {
      Fail(-EINVAL);
    }
    return error_ == 0;
  }

  template <typename Row, typename Check>
  void Rows(const PlanTable& table, uint32_t limit, Check check) {
    if (!Table(table, sizeof(Row), limit)) return;
    const Row* rows = reinterpret_cast<const Row*>(base_ + table.offset);
    for (uint32_t i = 0; i < table.count && error_ == 0; ++i) check(rows[i]);
  }

  void Texts(const PlanTable& table, uint32_t limit, uint32_t text_size) {
    Rows<PlanString>(table, limit, [&](const PlanString& row) {
      Require(row.offset != 0);
      Text(row, text_size);
    });
  }

  void Paths(const PlanTable& table, uint32_t limit) {
    Rows<PlanString>(table, limit,
                     [&](const PlanString& row) { Path(row, true); });
  }

 private:
  const char* base_;
  size_t size_;
  long error_ = 0;
};

void CheckProcess(const LaunchPlan& plan, Checker& check) {
  check.Require(plan.argv.count > 0);
  check.Texts(plan.argv, kMaxArguments, kArgumentSize);
  check.Texts(plan.environment, kMaxEnvironment, kArgumentSize);
  check.Path(plan.cwd, true);
  check.Text(plan.user);
  check.Texts(plan.additional_groups, kMaxPlanGroups, kTextSize);
  check.Require(plan.umask <= 0777);
  check.Require(plan.oom_score_adj >= -1000 && plan.oom_score_adj <= 1000);
  check.Require((plan.permitted_capabilities & ~plan.bounding_capabilities) ==
                0);
  check.Table(plan.seccomp, kSeccompRow, kMaxSeccompInstructions);
  check.Rows<PlanRlimit>(
      plan.rlimits, kMaxPlanRlimits, [&](const PlanRlimit& row) {
        check.Require(row.resource < RLIM_NLIMITS && row.soft <= row.hard);
      });
  check.Text(plan.apparmor_profile);
  check.Require(plan.rows <= UINT16_MAX && plan.columns <= UINT16_MAX);
}

void CheckCgroups(const LaunchPlan& plan, Checker& check) {
  check.Paths(plan.cgroup_tasks, kMaxPlanCgroups);
  check.Path(plan.cgroup2_directory, false);
  check.Path(plan.oom_events, false);
  check.Rows<PlanCgroupMount>(
      plan.cgroup_mounts, kMaxPlanCgroups, [&](const PlanCgroupMount& row) {
        const char* name = check.Text(row.name);
        check.Require(IsCleanRelative(name) && strchr(name, '/') == nullptr);
        check.Path(row.source, true);
      });
}

void CheckNamespaces(const LaunchPlan& plan, Checker& check) {
  check.Require((plan.new_namespaces & ~kKnownNamespaces) == 0);
  uint64_t seen = plan.new_namespaces;
  check.Rows<PlanJoin>(plan.joins, kMaxPlanJoins, [&](const PlanJoin& row) {
    const uint64_t flag = row.namespace_flag;
    check.Require((flag & kKnownNamespaces) != 0 && (flag & (flag - 1)) == 0 &&
                  (flag & seen) == 0 && flag != CLONE_NEWNS && row.fd >= 0 &&
                  IsPassedFd(static_cast<uint32_t>(row.fd)));
    seen |= flag;
  });
  check.Require((plan.new_namespaces & CLONE_NEWNS) != 0);
  check.Text(plan.hostname);
  check.Text(plan.domainname);
  // Names of the host are not ours to change.
  check.Require((seen & CLONE_NEWUTS) != 0 ||
                (plan.hostname.offset == 0 && plan.domainname.offset == 0));
}

void CheckMount(const PlanMount& mount, Checker& check) {
  const bool bind = mount.type == PlanMountType::kBind;
  check.Require(mount.type >= PlanMountType::kBind &&
                mount.type <= PlanMountType::kSharedShm);
  check.Require((mount.flags & ~kMountAllFlags) == 0);
  check.Require((mount.attributes & ~kKnownAttributes) == 0);
  check.Require(mount.propagation <= PlanPropagation::kRecursiveShared);
  check.Path(mount.source, bind);
  check.Text(mount.subpath);
  check.Require(bind ||
                (mount.source.offset == 0 && mount.subpath.offset == 0));
  check.Path(mount.target, true);
  check.Text(mount.options);
  check.Require(!bind || mount.options.offset == 0);
  check.Require((mount.flags & kMountPrivateCopy) == 0 ||
                (bind && mount.subpath.offset == 0));
}

void CheckRoot(const LaunchPlan& plan, Checker& check) {
  check.Path(plan.root_directory, true);
  const bool overlay = plan.lower.count > 0;
  // Relative names only, and none that a comma or colon could split.
  const auto layer = [&](const PlanString& name) {
    const char* text = check.Text(name);
    check.Require(IsCleanRelative(text) && strpbrk(text, ",:\\") == nullptr);
  };
  check.Rows<PlanString>(plan.lower, kMaxPlanLowers, layer);
  if (overlay) {
    layer(plan.upper);
    layer(plan.work);
  } else {
    check.Require(plan.upper.offset == 0 && plan.work.offset == 0);
  }
  check.Require(plan.root_propagation <= PlanPropagation::kRecursiveShared);
}

void CheckInside(const LaunchPlan& plan, Checker& check) {
  check.Require(plan.shm_namespace == 0 || IsPassedFd(plan.shm_namespace));
  check.Rows<PlanMount>(plan.mounts, kMaxPlanMounts, [&](const PlanMount& row) {
    CheckMount(row, check);
    check.Require(row.type != PlanMountType::kSharedShm ||
                  plan.shm_namespace != 0);
  });
  check.Rows<PlanDevice>(
      plan.devices, kMaxPlanDevices, [&](const PlanDevice& row) {
        check.Path(row.path, true);
        check.Require(row.type == 'c' || row.type == 'b' || row.type == 'p');
        check.Require(row.mode <= 07777);
      });
  check.Paths(plan.masked_paths, kMaxPlanPaths);
  check.Paths(plan.readonly_paths, kMaxPlanPaths);
  check.Rows<PlanSysctl>(plan.sysctls, kMaxPlanSysctls,
                         [&](const PlanSysctl& row) {
                           check.Require(IsCleanRelative(check.Text(row.path)));
                           check.Text(row.value);
                         });
}

void CheckShim(const LaunchPlan& plan, Checker& check) {
  check.Text(plan.container_id);
  check.Require(plan.log_type <= PlanLogType::kJsonFile);
  check.Path(plan.log_path, plan.log_type != PlanLogType::kNone);
  const char* attributes = check.Text(plan.log_attributes);
  check.Require(attributes[0] == '\0' || attributes[0] == '{');
  check.Require(strchr(attributes, '\n') == nullptr);
  check.Path(plan.socket_path, true);
  check.Path(plan.exit_record_path, true);
}

// An exec's plan holds nothing of a container's.
void CheckExecOnly(const LaunchPlan& plan, Checker& check) {
  const PlanTable tables[] = {
      plan.joins,   plan.cgroup_mounts, plan.lower,   plan.mounts,
      plan.devices, plan.masked_paths,  plan.sysctls, plan.readonly_paths};
  for (const PlanTable& table : tables) {
    check.Require(table.count == 0 && table.offset == 0);
  }
  const PlanString strings[] = {
      plan.hostname,   plan.domainname,    plan.root_directory,
      plan.upper,      plan.work,          plan.container_id,
      plan.log_path,   plan.socket_path,   plan.exit_record_path,
      plan.oom_events, plan.log_attributes};
  for (const PlanString& string : strings) check.Require(string.offset == 0);
  check.Require(plan.new_namespaces == 0 && plan.shm_namespace == 0 &&
                plan.log_type == PlanLogType::kNone);
}

}  // namespace

long PlanView::Parse(const void* bytes, size_t size, PlanView* view) {
  if (size < sizeof(LaunchPlan)) return -EINVAL;
  if (size > kMaxPlanSize) return -E2BIG;
  const auto* plan = static_cast<const LaunchPlan*>(bytes);
  if (plan->magic != kPlanMagic || plan->version != kPlanVersion) {
    return -EPROTO;
  }
  if (plan->total_size > size || plan->total_size < sizeof(LaunchPlan)) {
    return -EINVAL;
  }
  Checker check(bytes, plan->total_size);
  check.Require((plan->flags & ~kPlanAllFlags) == 0);
  CheckProcess(*plan, check);
  CheckCgroups(*plan, check);
  if (plan->kind == PlanKind::kContainer) {
    CheckNamespaces(*plan, check);
    CheckRoot(*plan, check);
    CheckInside(*plan, check);
    CheckShim(*plan, check);
  } else if (plan->kind == PlanKind::kExec) {
    CheckExecOnly(*plan, check);
  } else {
    check.Fail(-EINVAL);
  }
  if (check.error() != 0) return check.error();
  view->plan_ = plan;
  view->base_ = static_cast<const char*>(bytes);
  return 0;
}

}  // namespace tug::runtimed
