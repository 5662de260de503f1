// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/shim/testing/shim_harness.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "lib/sys/fd_channel.h"
#include "services/runtimed/shim/sealed_program.h"

namespace tug::runtimed {
namespace {

constexpr int kTimeoutMs = 10000;

// One sealed copy for all tests of a process.
int SealedShim() {
  static const int fd = [] {
    UniqueFd program;
    const long error = SealProgramAt(ShimProgram().c_str(), &program);
    errno = static_cast<int>(-error);
    Require(error == 0, ShimProgram().c_str());
    return program.release();
  }();
  return fd;
}

pid_t SpawnShim(int control, int plan, const std::vector<int>& namespaces) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  // Out of the way of the numbers to come.
  const int safe_control = fcntl(control, F_DUPFD_CLOEXEC, 100);
  const int safe_plan = fcntl(plan, F_DUPFD_CLOEXEC, 100);
  posix_spawn_file_actions_adddup2(&actions, safe_control, kControlFd);
  posix_spawn_file_actions_adddup2(&actions, safe_plan, kPlanFd);
  std::vector<UniqueFd> copies;
  int next = kFirstExtraFd;
  for (const int fd : namespaces) {
    copies.emplace_back(fcntl(fd, F_DUPFD_CLOEXEC, 100));
    posix_spawn_file_actions_adddup2(&actions, copies.back().get(), next++);
  }
  const std::string path = "/proc/self/fd/" + std::to_string(SealedShim());
  char name[] = "tug-shim";
  char* argv[] = {name, nullptr};
  pid_t pid = -1;
  const int error =
      posix_spawn(&pid, path.c_str(), &actions, nullptr, argv, environ);
  posix_spawn_file_actions_destroy(&actions);
  close(safe_control);
  close(safe_plan);
  errno = error;
  Require(error == 0, "spawn");
  return pid;
}

bool WaitReadable(int fd) {
  pollfd poll_fd = {fd, POLLIN, 0};
  return poll(&poll_fd, 1, kTimeoutMs) == 1;
}

}  // namespace

std::string ShimProgram() {
  const char* path = getenv("TUG_SHIM");
  return path != nullptr ? path : "services/runtimed/shim/tug-shim";
}

ShimHarness::ShimHarness(const LaunchSpec& spec,
                         const std::vector<int>& namespaces) {
  UniqueFd plan;
  const long error = WritePlan(spec, &plan);
  errno = static_cast<int>(-error);
  Require(error == 0, "write plan");
  int pair[2];
  Require(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0,
          "socketpair");
  control_.reset(pair[0]);
  const UniqueFd other(pair[1]);
  pid_ = SpawnShim(other.get(), plan.get(), namespaces);
}

ShimHarness::~ShimHarness() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

void ShimHarness::Send(ShimMessageType type, int value,
                       const std::string& exec_id, uint32_t flags,
                       std::vector<int> fds) {
  ShimMessage message = {};
  message.magic = kShimMagic;
  message.version = kShimVersion;
  message.type = type;
  message.id = 7;
  message.value = value;
  message.flags = flags;
  memcpy(message.exec_id, exec_id.data(),
         std::min(exec_id.size(), kExecIdSize));
  Require(sys::SendWithFds(control(), &message, sizeof(message), fds.data(),
                           fds.size()) > 0,
          "send");
}

void ShimHarness::Resize(uint16_t rows, uint16_t columns) {
  ShimMessage message = {};
  message.magic = kShimMagic;
  message.version = kShimVersion;
  message.type = ShimMessageType::kResize;
  message.rows = rows;
  message.columns = columns;
  Require(
      sys::SendWithFds(control(), &message, sizeof(message), nullptr, 0) > 0,
      "send");
}

ShimMessage ShimHarness::Receive(UniqueFd* fd) {
  ShimMessage message = {};
  if (!WaitReadable(control())) return message;
  UniqueFd received;
  size_t count = 0;
  const long size = sys::ReceiveWithFds(control(), &message, sizeof(message),
                                        &received, 1, &count);
  if (size <= 0) message = {};
  if (fd != nullptr) *fd = std::move(received);
  return message;
}

ShimMessage ShimHarness::ReceiveType(ShimMessageType type) {
  for (;;) {
    const ShimMessage message = Receive();
    if (message.type == type || message.magic == 0) return message;
  }
}

UniqueFd ShimHarness::Attach(uint32_t flags) {
  int pair[2];
  Require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0,
          "socketpair");
  const UniqueFd other(pair[1]);
  Send(ShimMessageType::kAttach, 0, "", flags, {other.get()});
  return UniqueFd(pair[0]);
}

ShimMessage ShimHarness::Start() {
  Send(ShimMessageType::kStart);
  for (;;) {
    const ShimMessage message = Receive();
    if (message.type != ShimMessageType::kReply) return message;
  }
}

ShimMessage ShimHarness::Exec(const LaunchSpec& spec,
                              const std::string& exec_id, uint32_t flags,
                              UniqueFd* stream) {
  UniqueFd plan;
  Require(WritePlan(spec, &plan) == 0, "write exec plan");
  int pair[2];
  Require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0,
          "socketpair");
  const UniqueFd other(pair[1]);
  stream->reset(pair[0]);
  Send(ShimMessageType::kExecStart, 0, exec_id, flags,
       {plan.get(), other.get()});
  for (;;) {
    const ShimMessage message = Receive();
    if (message.type == ShimMessageType::kExecStarted ||
        message.type == ShimMessageType::kExecFailed || message.magic == 0) {
      return message;
    }
  }
}

bool ShimHarness::Acknowledge() {
  Send(ShimMessageType::kAckExit);
  for (int i = 0; i < kTimeoutMs / 10; ++i) {
    if (waitpid(pid_, nullptr, WNOHANG) == pid_) {
      pid_ = -1;
      return true;
    }
    poll(nullptr, 0, 10);
  }
  return false;
}

std::string ReadRaw(int stream) {
  std::string bytes;
  std::vector<char> buffer(1 << 20);
  while (WaitReadable(stream)) {
    const ssize_t count = read(stream, buffer.data(), buffer.size());
    if (count <= 0) break;
    bytes.append(buffer.data(), static_cast<size_t>(count));
  }
  return bytes;
}

std::string ReadUntil(int stream, const std::string& text) {
  std::string bytes;
  char buffer[4096];
  while (bytes.find(text) == std::string::npos && WaitReadable(stream)) {
    const ssize_t count = read(stream, buffer, sizeof(buffer));
    if (count <= 0) break;
    bytes.append(buffer, static_cast<size_t>(count));
  }
  return bytes;
}

Output ReadFrames(int stream) {
  const std::string bytes = ReadRaw(stream);
  Output output;
  for (size_t at = 0; at + 8 <= bytes.size();) {
    const auto* header = reinterpret_cast<const unsigned char*>(&bytes[at]);
    const size_t size = size_t{header[4]} << 24 | size_t{header[5]} << 16 |
                        size_t{header[6]} << 8 | header[7];
    (header[0] == 2 ? output.err : output.out) += bytes.substr(at + 8, size);
    at += 8 + size;
  }
  return output;
}

RunResult RunContainer(const LaunchSpec& spec,
                       const std::vector<int>& namespaces) {
  RunResult result = {};
  ShimHarness shim(spec, namespaces);
  const UniqueFd client = shim.Attach(kStreamStdout | kStreamStderr);
  result.start = shim.Start();
  if (result.start.type == ShimMessageType::kStarted) {
    result.output = ReadFrames(client.get());
    result.exit = shim.ReceiveType(ShimMessageType::kExited);
  }
  shim.Acknowledge();
  return result;
}

UniqueFd ConnectShim(const std::string& path) {
  UniqueFd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  if (connect(socket.get(), reinterpret_cast<const sockaddr*>(&address),
              sizeof(address)) != 0) {
    socket.reset();
  }
  return socket;
}

}  // namespace tug::runtimed
