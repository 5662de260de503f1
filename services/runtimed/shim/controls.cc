// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/shim/controls.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "lib/sys/fd_channel.h"

namespace tug::runtimed {
namespace {

constexpr mode_t kSocketMask = 0177;
constexpr int kBacklog = 4;
// Room for the longest answer, two messages for each exec, unread.
constexpr int kSendBuffer = 4 * kMaxExecs * sizeof(ShimMessage);

// A path that is too long for a sockaddr is reached through its directory.
long FillAddress(const char* path, UniqueFd* directory, sockaddr_un* address) {
  address->sun_family = AF_UNIX;
  if (strlen(path) < sizeof(address->sun_path)) {
    strcpy(address->sun_path, path);
    return 0;
  }
  const char* slash = strrchr(path, '/');
  char parent[4096];
  const auto size = static_cast<size_t>(slash - path);
  if (size >= sizeof(parent)) return -ENAMETOOLONG;
  memcpy(parent, path, size);
  parent[size] = '\0';
  directory->reset(open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!*directory) return -errno;
  const int length =
      snprintf(address->sun_path, sizeof(address->sun_path),
               "/proc/self/fd/%d/%s", directory->get(), slash + 1);
  return length < static_cast<int>(sizeof(address->sun_path)) ? 0
                                                              : -ENAMETOOLONG;
}

bool IsOurUser(int socket) {
  ucred peer = {};
  socklen_t size = sizeof(peer);
  return getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
         peer.uid == getuid();
}

bool IsValid(const ShimMessage& message, long size) {
  return size == static_cast<long>(sizeof(ShimMessage)) &&
         message.magic == kShimMagic && message.version == kShimVersion;
}

}  // namespace

ShimMessage MakeMessage(ShimMessageType type) {
  ShimMessage message = {};
  message.magic = kShimMagic;
  message.version = kShimVersion;
  message.type = type;
  return message;
}

void SetText(ShimMessage& message, const char* text) {
  snprintf(message.text, sizeof(message.text), "%s", text);
}

void Controls::Add(UniqueFd socket) {
  for (size_t i = 0; i < kMaxControls; ++i) {
    if (connections_[i]) continue;
    fcntl(socket.get(), F_SETFL, O_RDWR | O_NONBLOCK);
    setsockopt(socket.get(), SOL_SOCKET, SO_SNDBUFFORCE, &kSendBuffer,
               sizeof(kSendBuffer));
    connections_[i] = std::move(socket);
    numbers_[i] = ++last_number_;
    ++count_;
    return;
  }
}

bool Controls::IsOpen(uint32_t number) const {
  for (size_t i = 0; i < kMaxControls; ++i) {
    if (connections_[i] && numbers_[i] == number) return true;
  }
  return false;
}

long Controls::Listen(const char* path) {
  UniqueFd socket(
      ::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return -errno;
  sockaddr_un address = {};
  UniqueFd directory;
  const long error = FillAddress(path, &directory, &address);
  if (error < 0) return error;
  unlink(address.sun_path);
  const mode_t mask = umask(kSocketMask);
  const int bound =
      bind(socket.get(), reinterpret_cast<const sockaddr*>(&address),
           sizeof(address));
  umask(mask);
  if (bound != 0 || listen(socket.get(), kBacklog) != 0) return -errno;
  listener_ = std::move(socket);
  return 0;
}

void Controls::StopListening() {
  // The path stays: by now it may be a successor's.
  listener_.reset();
}

void Controls::Accept() {
  UniqueFd peer(
      accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (peer && IsOurUser(peer.get())) Add(std::move(peer));
}

void Controls::AddTo(PollSet& set) const {
  if (listener_) set.Add(listener_.get(), POLLIN, PollOwner::kListener);
  for (size_t i = 0; i < kMaxControls; ++i) {
    if (!connections_[i]) continue;
    set.Add(connections_[i].get(), POLLIN, PollOwner::kControl, i);
  }
}

bool Controls::Receive(size_t index, ShimMessage* message, UniqueFd* fds,
                       size_t fd_capacity, size_t* fd_count) {
  if (!connections_[index]) return false;
  const long size =
      sys::ReceiveWithFds(connections_[index].get(), message, sizeof(*message),
                          fds, fd_capacity, fd_count);
  if (size == -EAGAIN) return false;
  if (!IsValid(*message, size)) {
    Drop(index);
    return false;
  }
  message->text[kShimTextSize - 1] = '\0';
  return true;
}

void Controls::Send(size_t index, const ShimMessage& message, int fd) {
  if (!connections_[index]) return;
  const long sent = sys::SendWithFds(connections_[index].get(), &message,
                                     sizeof(message), &fd, fd >= 0 ? 1 : 0);
  if (sent < 0) Drop(index);
}

void Controls::Broadcast(const ShimMessage& message) {
  for (size_t i = 0; i < kMaxControls; ++i) Send(i, message);
}

void Controls::Drop(size_t index) {
  if (!connections_[index]) return;
  connections_[index].reset();
  --count_;
}

}  // namespace tug::runtimed
