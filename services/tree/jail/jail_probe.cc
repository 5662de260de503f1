// SPDX-License-Identifier: Apache-2.0
//
// jail_probe WALLS ATTEMPT OPERAND: a tug-tree that has been taken over. Locks
// itself in as tug-tree does, into the directory that is descriptor 4, then
// tries what a finder of a defect would. Exit status 0: the attempt succeeded;
// 1 to 125: the errno that it was refused with; 126: the jail could not be
// built. A signal: the filter of system calls.
//
// WALLS is "all", "nofilter" (all steps but the last, to see that each wall
// holds by itself) or "none" (to see that the attempt is a real one).
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include <map>
#include <string>

#include "services/tree/jail/jail.h"

namespace tug::tree {
namespace {

constexpr int kDirectory = 4;
constexpr int kBroken = 126;

// What an attempt's last system call answered, as errno.
int Outcome(long result) { return result < 0 ? errno : 0; }

// A node for /dev/zero, which every container has: reading it harms nobody.
int OpenDevice(const char*) {
  if (mknodat(kDirectory, "zero", S_IFCHR | 0666, makedev(1, 5)) != 0) {
    return errno;
  }
  return Outcome(openat(kDirectory, "zero", O_RDONLY));
}

int OpenPath(const char* path) { return Outcome(open(path, O_RDONLY)); }

int ConnectAbstract(const char* name) {
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (fd < 0) return errno;
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  strncpy(address.sun_path + 1, name, sizeof(address.sun_path) - 2);
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 +
                                           strlen(name));
  return Outcome(connect(fd, reinterpret_cast<sockaddr*>(&address), size));
}

int ConnectTcp(const char* port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0) return errno;
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(atoi(port)));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return Outcome(
      connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)));
}

int Trace(const char* pid) {
  return Outcome(ptrace(PTRACE_SEIZE, atoi(pid), nullptr, nullptr));
}

int Signal(const char* pid) {
  return Outcome(syscall(SYS_tgkill, atoi(pid), atoi(pid), 0));
}

int LimitOther(const char* pid) {
  return Outcome(prlimit(atoi(pid), RLIMIT_CORE, nullptr, nullptr));
}

int Mount(const char*) {
  return Outcome(mount("none", "/", "tmpfs", 0, nullptr));
}

int NewProcess(const char*) {
  const long pid = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
  if (pid == 0) _exit(0);
  return Outcome(pid);
}

int Execute(const char* path) {
  char* const arguments[] = {const_cast<char*>(path), nullptr};
  char* const environment[] = {nullptr};
  return Outcome(execve(path, arguments, environment));
}

// The directory's own work must go on.
int Write(const char*) {
  const int fd = openat(kDirectory, "file", O_WRONLY | O_CREAT, 0600);
  if (fd < 0) return errno;
  return Outcome(write(fd, "x", 1)) + Outcome(fchown(fd, 5, 5));
}

const std::map<std::string, int (*)(const char*)> kAttempts = {
    {"device", OpenDevice}, {"open", OpenPath}, {"abstract", ConnectAbstract},
    {"tcp", ConnectTcp},    {"trace", Trace},   {"signal", Signal},
    {"limit", LimitOther},  {"mount", Mount},   {"fork", NewProcess},
    {"exec", Execute},      {"write", Write},
};

int Main(const std::string& walls, const char* attempt, const char* operand) {
  absl::Status status;
  if (walls == "all") status = LockIn(kDirectory);
  if (walls == "nofilter") status = EnterJail(kDirectory);
  if (!status.ok()) {
    fprintf(stderr, "%s\n", status.ToString().c_str());
    return kBroken;
  }
  return kAttempts.at(attempt)(operand);
}

}  // namespace
}  // namespace tug::tree

int main(int argc, char** argv) {
  if (argc != 4) return 126;
  return tug::tree::Main(argv[1], argv[2], argv[3]);
}
