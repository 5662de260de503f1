// SPDX-License-Identifier: Apache-2.0
#include "lib/sys/mount.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "lib/sys/unique_fd.h"

namespace tug::sys {
namespace {

constexpr size_t kMaxOptions = 4096;

long Answer(long result) { return result == -1 ? -errno : result; }

// Sets one "key" or "key=value"; cuts it in two for that.
long SetOption(int context, char* option) {
  char* equals = strchr(option, '=');
  if (equals == nullptr) return FsSet(context, option, nullptr);
  *equals = '\0';
  return FsSet(context, option, equals + 1);
}

}  // namespace

long FsOpen(const char* type) {
  return Answer(syscall(SYS_fsopen, type, FSOPEN_CLOEXEC));
}

long FsSet(int context, const char* key, const char* value) {
  const unsigned command =
      value == nullptr ? FSCONFIG_SET_FLAG : FSCONFIG_SET_STRING;
  return Answer(syscall(SYS_fsconfig, context, command, key, value, 0));
}

long FsSetOptions(int context, const char* options) {
  char copy[kMaxOptions];
  const size_t size = strnlen(options, sizeof(copy));
  if (size == sizeof(copy)) return -E2BIG;
  memcpy(copy, options, size + 1);
  char* rest = copy;
  while (char* option = strsep(&rest, ",")) {
    if (*option == '\0') continue;
    const long error = SetOption(context, option);
    if (error < 0) return error;
  }
  return 0;
}

long FsCreateMount(int context, uint64_t attributes) {
  const long error = Answer(
      syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0));
  if (error < 0) return error;
  return Answer(syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, attributes));
}

long MakeMount(const char* type, const char* options, uint64_t attributes) {
  const long opened = FsOpen(type);
  if (opened < 0) return opened;
  const UniqueFd context(static_cast<int>(opened));
  // What mount(8) shows as the device.
  FsSet(context.get(), "source", type);
  const long error = FsSetOptions(context.get(), options);
  return error < 0 ? error : FsCreateMount(context.get(), attributes);
}

long CloneTree(int directory, const char* path, bool recursive) {
  unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC;
  if (path[0] == '\0') flags |= AT_EMPTY_PATH;
  if (recursive) flags |= AT_RECURSIVE;
  return Answer(syscall(SYS_open_tree, directory, path, flags));
}

long AttachMount(int mount, int target) {
  return Answer(syscall(SYS_move_mount, mount, "", target, "",
                        MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH));
}

long SetMountAttributes(int mount, bool recursive, uint64_t set, uint64_t clear,
                        uint64_t propagation) {
  mount_attr attributes = {};
  attributes.attr_set = set;
  attributes.attr_clr = clear;
  attributes.propagation = propagation;
  const unsigned flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0u);
  return Answer(syscall(SYS_mount_setattr, mount, "", flags, &attributes,
                        sizeof(attributes)));
}

}  // namespace tug::sys
