// SPDX-License-Identifier: Apache-2.0
#include "lib/sys/fd_channel.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>
#include <cstring>

namespace tug::sys {
namespace {

union ControlBuffer {
  cmsghdr header;
  char bytes[CMSG_SPACE(sizeof(int) * kMaxPassedFds)];
};

// Moves the descriptors of one control message into `fds`; closes what does
// not fit.
bool TakeFds(const cmsghdr* control, UniqueFd* fds, size_t capacity,
             size_t* count) {
  bool all = true;
  const size_t total = (control->cmsg_len - CMSG_LEN(0)) / sizeof(int);
  for (size_t i = 0; i < total; ++i) {
    int fd = -1;
    memcpy(&fd, CMSG_DATA(control) + i * sizeof(int), sizeof(int));
    if (*count < capacity) {
      fds[(*count)++].reset(fd);
    } else {
      UniqueFd surplus(fd);
      all = false;
    }
  }
  return all;
}

}  // namespace

long SendWithFds(int socket, const void* bytes, size_t size, const int* fds,
                 size_t fd_count) {
  if (fd_count > kMaxPassedFds) return -EINVAL;
  iovec part = {const_cast<void*>(bytes), size};
  ControlBuffer control = {};
  msghdr message = {};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (fd_count > 0) {
    message.msg_control = control.bytes;
    message.msg_controllen = CMSG_SPACE(sizeof(int) * fd_count);
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int) * fd_count);
    memcpy(CMSG_DATA(header), fds, sizeof(int) * fd_count);
  }
  for (;;) {
    const ssize_t sent = sendmsg(socket, &message, MSG_NOSIGNAL);
    if (sent >= 0) return sent;
    if (errno != EINTR) return -errno;
  }
}

long ReceiveWithFds(int socket, void* bytes, size_t size, UniqueFd* fds,
                    size_t fd_capacity, size_t* fd_count) {
  *fd_count = 0;
  iovec part = {bytes, size};
  ControlBuffer control = {};
  msghdr message = {};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes;
  message.msg_controllen = sizeof(control.bytes);
  ssize_t received = -1;
  do {
    received = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  } while (received == -1 && errno == EINTR);
  if (received == -1) return -errno;
  bool all = (message.msg_flags & MSG_CTRUNC) == 0;
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
       header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) {
      continue;
    }
    if (!TakeFds(header, fds, fd_capacity, fd_count)) all = false;
  }
  return all ? received : -EMSGSIZE;
}

}  // namespace tug::sys
