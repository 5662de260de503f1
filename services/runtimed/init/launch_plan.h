// SPDX-License-Identifier: Apache-2.0
//
// The launch plan: what a shim needs to start one container or one exec, as a
// flat block of bytes in a sealed memfd. Every reference is an offset from the
// start of the block, so that shim and init read it in place, without
// allocating. Layout and rules: docs/formats/launch-plan.md.
//
// Byte order and sizes are the host's (x86-64, arm64). runtimed and the shim
// are built from one tree; kPlanVersion guards a shim that is older.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tug::runtimed {

inline constexpr uint32_t kPlanMagic = 0x50475554;  // "TUGP"
inline constexpr uint32_t kPlanVersion = 1;

// Largest plan, and most rows of each table. A plan beyond these is refused.
inline constexpr uint32_t kMaxPlanSize = 8u << 20;
inline constexpr uint32_t kMaxArguments = 65536;
inline constexpr uint32_t kMaxEnvironment = 65536;
inline constexpr uint32_t kMaxPlanMounts = 1024;
inline constexpr uint32_t kMaxPlanDevices = 4096;
inline constexpr uint32_t kMaxPlanPaths = 4096;
inline constexpr uint32_t kMaxPlanLowers = 500;
inline constexpr uint32_t kMaxPlanSysctls = 256;
inline constexpr uint32_t kMaxPlanRlimits = 16;
inline constexpr uint32_t kMaxPlanGroups = 1024;
inline constexpr uint32_t kMaxPlanJoins = 8;
inline constexpr uint32_t kMaxPlanCgroups = 32;
inline constexpr uint32_t kMaxSeccompInstructions = 4096;

// NUL-terminated bytes at `offset`; `size` leaves the NUL out. {0, 0}: absent
// (an empty string that is present has an offset).
struct PlanString {
  uint32_t offset;
  uint32_t size;
};

// `count` rows at `offset`, 8-byte aligned. {0, 0}: no rows.
struct PlanTable {
  uint32_t offset;
  uint32_t count;
};

enum class PlanKind : uint32_t {
  kContainer = 1,
  // Uses: argv, environment, cwd, user, groups, umask, capabilities, seccomp,
  // no_new_privs, rlimits, oom_score_adj, cgroups, terminal, stdin, apparmor.
  // Everything else must be zero. Namespaces are those of the container.
  kExec = 2,
};

// Bits of LaunchPlan::flags.
inline constexpr uint64_t kPlanTerminal = 1u << 0;
inline constexpr uint64_t kPlanNoNewPrivileges = 1u << 1;
inline constexpr uint64_t kPlanReadOnlyRoot = 1u << 2;
// Fill the tmpfs at /dev with nodes, links and (terminal) console. Off when the
// user mounts something of their own on /dev.
inline constexpr uint64_t kPlanSetUpDev = 1u << 3;
// oom_score_adj is to be written.
inline constexpr uint64_t kPlanOomScore = 1u << 4;
// The process has a standard input that clients may write to.
inline constexpr uint64_t kPlanOpenStdin = 1u << 5;
// That input ends when the first client that attached to it leaves or
// half-closes. Set it for every exec with stdin.
inline constexpr uint64_t kPlanStdinOnce = 1u << 6;
// Cgroup mounts are writable.
inline constexpr uint64_t kPlanWritableCgroups = 1u << 7;
// `rows` and `columns` are set.
inline constexpr uint64_t kPlanConsoleSize = 1u << 8;
inline constexpr uint64_t kPlanAllFlags = (1u << 9) - 1;

// A namespace to join: a CLONE_NEW* bit and the descriptor it is passed as
// (kFirstExtraFd and up, one after the other, see shim/protocol.h).
struct PlanJoin {
  uint32_t namespace_flag;
  int32_t fd;
};

enum class PlanMountType : uint32_t {
  kBind = 1,   // source, subpath
  kTmpfs = 2,  // options
  kProc = 3,
  kSysfs = 4,
  kDevpts = 5,  // options
  kMqueue = 6,
  // v1: a tmpfs with one bind for each row of cgroup_mounts; v2 (when
  // cgroup_mounts is empty): cgroup2 as the container's namespace shows it.
  kCgroup = 7,
  // The /dev/shm of the container whose mount namespace is `shm_namespace`.
  kSharedShm = 8,
};

// Bits of PlanMount::flags.
// Bind with everything mounted below the source.
inline constexpr uint32_t kMountRecursive = 1u << 0;
// MOUNT_ATTR_RDONLY reaches sub-mounts where the kernel can (5.12).
inline constexpr uint32_t kMountRecursiveReadOnly = 1u << 1;
// ... and the start fails where it cannot.
inline constexpr uint32_t kMountRequireRecursiveReadOnly = 1u << 2;
// Do not create a missing mount point: fail instead.
inline constexpr uint32_t kMountNeedsTarget = 1u << 3;
// A bind of a file: shown is a copy in a file system of the container's own, so
// that no inode of the host is reachable through it.
inline constexpr uint32_t kMountPrivateCopy = 1u << 4;
inline constexpr uint32_t kMountAllFlags = (1u << 5) - 1;

enum class PlanPropagation : uint32_t {
  kPrivate = 0,
  kRecursivePrivate = 1,
  kSlave = 2,
  kRecursiveSlave = 3,
  kShared = 4,
  kRecursiveShared = 5,
};

// One mount, applied in table order: a later row may cover an earlier one.
// Whether a bind is of a file or a directory, init sees from the source.
struct PlanMount {
  PlanMountType type;
  uint32_t flags;
  // Of binds and tmpfs.
  PlanPropagation propagation;
  uint32_t reserved;
  // MOUNT_ATTR_* of linux/mount.h: RDONLY, NOSUID, NODEV, NOEXEC and the atime
  // bits.
  uint64_t attributes;
  // Absolute path on the host (binds).
  PlanString source;
  // Below the source, resolved inside it; absent: the source itself.
  PlanString subpath;
  // Absolute path in the container.
  PlanString target;
  // What the file system itself understands, as "size=65536k,mode=755".
  PlanString options;
};

// A device node below kPlanSetUpDev's /dev or anywhere in the container.
struct PlanDevice {
  PlanString path;  // absolute, in the container
  uint32_t type;    // 'c', 'b', 'p' (fifo)
  uint32_t major;
  uint32_t minor;
  uint32_t mode;  // permission bits
  uint32_t uid;
  uint32_t gid;
};

struct PlanSysctl {
  // Below /proc/sys with slashes: "net/ipv4/ip_forward".
  PlanString path;
  PlanString value;
};

struct PlanRlimit {
  uint32_t resource;  // RLIMIT_*
  uint32_t reserved;
  uint64_t soft;  // ~0: unlimited
  uint64_t hard;
};

// One v1 controller shown below /sys/fs/cgroup.
struct PlanCgroupMount {
  PlanString name;    // "memory"; may not contain a slash
  PlanString source;  // the container's directory on the host
};

enum class PlanLogType : uint32_t { kNone = 0, kJsonFile = 1 };

// The block starts with this.
struct LaunchPlan {
  uint32_t magic;
  uint32_t version;
  // Of the whole block in bytes.
  uint32_t total_size;
  PlanKind kind;
  uint64_t flags;

  // The process.
  PlanTable argv;         // PlanString
  PlanTable environment;  // PlanString "KEY=value"; HOME is added if missing
  PlanString cwd;         // absolute; created (0755, root) if missing
  // "", "user", "uid", "user:group", "uid:gid"; looked up in the container's
  // own /etc/passwd and /etc/group.
  PlanString user;
  PlanTable additional_groups;  // PlanString: names or numbers
  uint32_t umask;
  int32_t oom_score_adj;  // with kPlanOomScore
  // Effective and permitted are equal; inheritable and ambient always empty.
  uint64_t bounding_capabilities;
  uint64_t permitted_capabilities;
  // Finished BPF: struct sock_filter (8 bytes a row). No rows: no filter.
  PlanTable seccomp;
  PlanTable rlimits;  // PlanRlimit
  // Profile to change to on exec; absent: none.
  PlanString apparmor_profile;
  uint32_t rows;     // with kPlanConsoleSize
  uint32_t columns;  // with kPlanConsoleSize

  // Namespaces: CLONE_NEW* to make (not CLONE_NEWUSER), and those to join.
  uint64_t new_namespaces;
  PlanTable joins;  // PlanJoin
  PlanString hostname;
  PlanString domainname;

  // Cgroups. v1: `tasks` files to write "0" to; v2: the directory to be cloned
  // into. Both may be present (hybrid).
  PlanTable cgroup_tasks;  // PlanString
  PlanString cgroup2_directory;
  PlanTable cgroup_mounts;  // PlanCgroupMount
  // Whose counter tells at exit whether the kernel killed for memory: v1
  // `memory.oom_control` or v2 `memory.events`; absent: not looked at.
  PlanString oom_events;

  // Root file system: overlay of names relative to `directory`; without lower
  // directories, a bind of `directory` itself.
  PlanString root_directory;
  PlanTable lower;  // PlanString, uppermost first
  PlanString upper;
  PlanString work;
  PlanPropagation root_propagation;

  // Descriptor of a mount namespace (kFirstExtraFd and up) for kSharedShm; 0:
  // none.
  uint32_t shm_namespace;
  PlanTable mounts;          // PlanMount
  PlanTable devices;         // PlanDevice
  PlanTable masked_paths;    // PlanString
  PlanTable readonly_paths;  // PlanString
  PlanTable sysctls;         // PlanSysctl

  // The shim's own.
  PlanString container_id;
  PlanLogType log_type;
  uint32_t reserved2;
  PlanString log_path;  // appended to; made (0640) if missing
  // Bytes after which the shim sends kLogFull; 0: never.
  uint64_t log_max_size;
  // A JSON object that every log line carries as "attrs"; absent: none.
  PlanString log_attributes;
  PlanString socket_path;       // where the shim listens
  PlanString exit_record_path;  // docs/formats/shim-protocol.md
};

// A checked plan: every offset, count, string and value was looked at once, so
// that the accessors need not fail. Borrows the bytes. Async-signal-safe.
class PlanView {
 public:
  PlanView() = default;

  // Checks `size` bytes at `bytes` (8-byte aligned). 0 or -EINVAL (malformed),
  // -EPROTO (other magic or version), -E2BIG (beyond a limit).
  static long Parse(const void* bytes, size_t size, PlanView* view);

  const LaunchPlan& plan() const { return *plan_; }
  const LaunchPlan* operator->() const { return plan_; }
  bool has(uint64_t flag) const { return (plan_->flags & flag) != 0; }

  // "" for an absent string.
  const char* Text(const PlanString& string) const {
    return string.offset == 0 ? "" : base_ + string.offset;
  }
  static bool Present(const PlanString& string) { return string.offset != 0; }

  // Row `index` of a table of `Row`.
  template <typename Row>
  const Row& At(const PlanTable& table, uint32_t index) const {
    return reinterpret_cast<const Row*>(base_ + table.offset)[index];
  }
  const char* TextAt(const PlanTable& table, uint32_t index) const {
    return Text(At<PlanString>(table, index));
  }

 private:
  const LaunchPlan* plan_ = nullptr;
  const char* base_ = nullptr;
};

}  // namespace tug::runtimed
