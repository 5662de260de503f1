// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/shim/testing/test_root.h"

#include <linux/mount.h>
#include <sched.h>
#include <stdlib.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "services/runtimed/spec/masked_paths.h"

namespace tug::runtimed {
namespace {

constexpr uint64_t kDefaultCapabilities = 0xa80425fb;

MountSpec Mount(PlanMountType type, const char* target, uint64_t attributes,
                const char* options) {
  MountSpec mount;
  mount.type = type;
  mount.target = target;
  mount.attributes = attributes;
  mount.options = options;
  return mount;
}

std::vector<MountSpec> DefaultMounts() {
  const uint64_t quiet =
      MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NODEV;
  return {
      Mount(PlanMountType::kProc, "/proc", quiet, ""),
      Mount(PlanMountType::kTmpfs, "/dev",
            MOUNT_ATTR_NOSUID | MOUNT_ATTR_STRICTATIME, "mode=755,size=65536k"),
      Mount(PlanMountType::kDevpts, "/dev/pts",
            MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC,
            "newinstance,ptmxmode=0666,mode=0620,gid=5"),
      Mount(PlanMountType::kSysfs, "/sys", quiet | MOUNT_ATTR_RDONLY, ""),
      Mount(PlanMountType::kMqueue, "/dev/mqueue", quiet, ""),
      Mount(PlanMountType::kTmpfs, "/dev/shm", quiet,
            "mode=1777,size=67108864"),
  };
}

std::vector<DeviceSpec> DefaultDevices() {
  const struct {
    const char* path;
    uint32_t major, minor;
  } kNodes[] = {{"/dev/null", 1, 3},    {"/dev/zero", 1, 5},
                {"/dev/full", 1, 7},    {"/dev/random", 1, 8},
                {"/dev/urandom", 1, 9}, {"/dev/tty", 5, 0}};
  std::vector<DeviceSpec> devices;
  for (const auto& node : kNodes) {
    DeviceSpec device;
    device.path = node.path;
    device.major = node.major;
    device.minor = node.minor;
    devices.push_back(device);
  }
  return devices;
}

void InstallBusybox(const std::string& layer) {
  namespace fs = std::filesystem;
  for (const char* name : {"bin", "etc", "proc", "sys", "dev", "tmp", "root"}) {
    fs::create_directories(layer + "/" + name);
  }
  fs::permissions(layer + "/tmp", fs::perms(01777));
  fs::copy_file("/bin/busybox", layer + "/bin/busybox");
  for (const char* name :
       {"sh",    "cat",     "ls",     "id",     "echo",  "true", "false",
        "sleep", "grep",    "mount",  "dd",     "stty",  "tty",  "hostname",
        "pwd",   "env",     "touch",  "head",   "kill",  "seq",  "readlink",
        "ps",    "mkdir",   "rm",     "stat",   "chmod", "tr",   "wc",
        "cut",   "unshare", "ulimit", "printf", "test",  "ln",   "md5sum"}) {
    fs::create_symlink("busybox", layer + "/bin/" + name);
  }
  WriteFile(layer + "/etc/passwd",
            "root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/home/user:/bin/"
            "sh\n1000:x:0:0::/:/bin/sh\n");
  WriteFile(layer + "/etc/group",
            "root:x:0:\nwheel:x:10:root,user\nuser:x:1000:\nextra:x:77:\n");
}

}  // namespace

void Require(bool condition, const char* what) {
  if (condition) return;
  fprintf(stderr, "harness: %s: %s\n", what, strerror(errno));
  abort();
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

void WriteFile(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

TestRoot::TestRoot() {
  char name[] = "/tmp/tug-shim-test-XXXXXX";
  Require(mkdtemp(name) != nullptr, name);
  directory_ = name;
  for (const char* part : {"/l/1", "/s/1/u", "/s/1/w"}) {
    std::filesystem::create_directories(directory_ + part);
  }
  InstallBusybox(layer());
}

TestRoot::~TestRoot() { std::filesystem::remove_all(directory_); }

LaunchSpec TestRoot::DefaultSpec(std::vector<std::string> argv) const {
  LaunchSpec spec = ExecSpec(std::move(argv));
  spec.kind = PlanKind::kContainer;
  spec.flags |= kPlanSetUpDev;
  spec.new_namespaces = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS |
                        CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP;
  spec.hostname = "box";
  spec.root_directory = directory_;
  spec.lower = {"l/1"};
  spec.upper = "s/1/u";
  spec.work = "s/1/w";
  spec.mounts = DefaultMounts();
  spec.devices = DefaultDevices();
  spec.masked_paths = DefaultMaskedPaths();
  spec.readonly_paths = DefaultReadonlyPaths();
  spec.container_id = "test";
  spec.socket_path = socket_path();
  spec.exit_record_path = record_path();
  return spec;
}

LaunchSpec TestRoot::ExecSpec(std::vector<std::string> argv) const {
  LaunchSpec spec;
  spec.kind = PlanKind::kExec;
  spec.argv = std::move(argv);
  spec.environment = {
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:"
      "/sbin:/bin"};
  spec.bounding_capabilities = kDefaultCapabilities;
  spec.permitted_capabilities = kDefaultCapabilities;
  return spec;
}

}  // namespace tug::runtimed
