// SPDX-License-Identifier: Apache-2.0
#include "services/netd/dns/control_channel.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/sys/fd_channel.h"

namespace tug::netd::dns {

absl::StatusOr<std::pair<UniqueFd, UniqueFd>> MakeControlChannel() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
                 ends) != 0) {
    return ErrnoStatus(errno, "make the channel of the resolver");
  }
  std::pair<UniqueFd, UniqueFd> pair(ends[0], ends[1]);
  for (const int end : ends) {
    if (setsockopt(end, SOL_SOCKET, SO_SNDBUFFORCE, &kControlBuffer,
                   sizeof(kControlBuffer)) != 0) {
      setsockopt(end, SOL_SOCKET, SO_SNDBUF, &kControlBuffer,
                 sizeof(kControlBuffer));
    }
  }
  return pair;
}

absl::Status SendControl(int channel,
                         const google::protobuf::MessageLite& message,
                         const std::vector<int>& fds) {
  const std::string bytes = message.SerializeAsString();
  if (bytes.size() > kMaxControlMessage) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "message to the resolver is longer than ", kMaxControlMessage));
  }
  const long sent = sys::SendWithFds(channel, bytes.data(), bytes.size(),
                                     fds.data(), fds.size());
  if (sent >= 0) return absl::OkStatus();
  if (sent == -EAGAIN || sent == -ENOBUFS) {
    return absl::UnavailableError("the channel of the resolver is full");
  }
  return ErrnoStatus(static_cast<int>(sent), "send to the resolver");
}

absl::StatusOr<std::vector<UniqueFd>> ReceiveControl(
    int channel, google::protobuf::MessageLite& message) {
  // One buffer a thread: the channel is looked at before many a question, and
  // a megabyte is not to be cleared each time.
  thread_local const auto bytes =
      std::make_unique<std::array<char, kMaxControlMessage>>();
  std::array<UniqueFd, sys::kMaxPassedFds> fds;
  size_t count = 0;
  const long size = sys::ReceiveWithFds(channel, bytes->data(), bytes->size(),
                                        fds.data(), fds.size(), &count);
  if (size == -EAGAIN) return absl::UnavailableError("no message");
  if (size == 0) return absl::CancelledError("the channel has ended");
  if (size < 0) return ErrnoStatus(static_cast<int>(size), "control channel");
  if (!message.ParseFromArray(bytes->data(), static_cast<int>(size))) {
    return absl::DataLossError("control channel: not a message");
  }
  std::vector<UniqueFd> received;
  for (size_t i = 0; i < count; ++i) received.push_back(std::move(fds[i]));
  return received;
}

}  // namespace tug::netd::dns
