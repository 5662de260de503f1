// SPDX-License-Identifier: Apache-2.0
#include "services/volumed/drivers/local/local_mount.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/stat.h>
#include <netdb.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/sys/unique_fd.h"

namespace tug::volumed {
namespace {

// Bounds the loop over stacked mounts.
constexpr int kMaxStackedMounts = 64;

absl::Status MountFailed(const absl::Status& status, absl::string_view what) {
  return WithReason(
      absl::FailedPreconditionError(absl::StrCat(
          "failed to mount local volume: ", what, ": ", status.message())),
      "VOLUME_MOUNT_FAILED");
}

// "mount /a:/b, flags: 0x1000, data: size=1m", as Docker's users know it.
std::string DescribeMount(const LocalOptions& options,
                          const std::string& shown) {
  std::string text = absl::StrCat("mount ", options.device, ":", shown);
  if (options.flags != 0) {
    absl::StrAppend(&text, ", flags: 0x", absl::Hex(options.flags));
  }
  if (!options.data.empty()) {
    absl::StrAppend(&text, ", data: ", options.data);
  }
  return text;
}

absl::Status KernelWords(int error) {
  return absl::InternalError(absl::AsciiStrToLower(strerror(error)));
}

// A path that names exactly this descriptor's file.
std::string PathOf(const UniqueFd& fd) {
  return absl::StrCat("/proc/self/fd/", fd.get());
}

absl::StatusOr<UniqueFd> OpenTarget(int parent, const std::string& name) {
  UniqueFd fd(openat(parent, name.c_str(),
                     O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) return ErrnoStatus(errno, absl::StrCat("open ", name));
  return fd;
}

// The kernel's network file systems want an address, not a name.
absl::StatusOr<std::string> ResolveAddress(const std::string& host) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (error != 0) {
    return absl::UnavailableError(
        absl::StrCat("error resolving ", host, ": ", gai_strerror(error)));
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> list(found,
                                                            freeaddrinfo);
  char text[NI_MAXHOST];
  if (getnameinfo(found->ai_addr, found->ai_addrlen, text, sizeof(text),
                  nullptr, 0, NI_NUMERICHOST) != 0) {
    return absl::UnavailableError(absl::StrCat("error resolving ", host));
  }
  return std::string(text);
}

absl::StatusOr<std::string> MountData(const LocalOptions& options) {
  if (options.address.empty()) return options.data;
  ASSIGN_OR_RETURN(const std::string address, ResolveAddress(options.address));
  return absl::StrCat("addr=", address, options.data.empty() ? "" : ",",
                      options.data);
}

}  // namespace

absl::StatusOr<bool> IsMountPoint(int parent, const std::string& name) {
  ASSIGN_OR_RETURN(const UniqueFd fd, OpenTarget(parent, name));
  struct statx info = {};
  if (statx(fd.get(), "", AT_EMPTY_PATH, STATX_BASIC_STATS, &info) != 0) {
    return ErrnoStatus(errno, absl::StrCat("stat ", name));
  }
  return (info.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

absl::Status MountOver(int parent, const std::string& name,
                       const LocalOptions& options, const std::string& shown) {
  const std::string what = DescribeMount(options, shown);
  const absl::StatusOr<UniqueFd> target = OpenTarget(parent, name);
  if (!target.ok()) return MountFailed(target.status(), what);
  const absl::StatusOr<std::string> data = MountData(options);
  if (!data.ok()) return MountFailed(data.status(), what);
  if (mount(options.device.c_str(), PathOf(*target).c_str(),
            options.type.c_str(), options.flags, data->c_str()) != 0) {
    return MountFailed(KernelWords(errno), what);
  }
  // A bind takes its other flags only when mounted again.
  const unsigned long again = options.flags & ~(MS_BIND | MS_REC);
  if ((options.flags & MS_BIND) == 0 || again == 0) return absl::OkStatus();
  const absl::StatusOr<UniqueFd> mounted = OpenTarget(parent, name);
  if (!mounted.ok()) return MountFailed(mounted.status(), what);
  if (mount(nullptr, PathOf(*mounted).c_str(), nullptr,
            MS_REMOUNT | MS_BIND | again, nullptr) != 0) {
    const absl::Status failure = MountFailed(KernelWords(errno), what);
    (void)UnmountAll(parent, name);
    return failure;
  }
  return absl::OkStatus();
}

absl::Status UnmountAll(int parent, const std::string& name) {
  for (int i = 0; i < kMaxStackedMounts; ++i) {
    ASSIGN_OR_RETURN(const bool mounted, IsMountPoint(parent, name));
    if (!mounted) return absl::OkStatus();
    ASSIGN_OR_RETURN(const UniqueFd fd, OpenTarget(parent, name));
    // Containers hold mounts of their own: detaching takes nothing from them.
    if (umount2(PathOf(fd).c_str(), MNT_DETACH) != 0) {
      return ErrnoStatus(errno, absl::StrCat("unmount ", name));
    }
  }
  return absl::InternalError(
      absl::StrCat("unmount ", name, ": too many mounts"));
}

}  // namespace tug::volumed
