// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/shims/shim_connection.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "lib/base/id.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/sys/fd_channel.h"

namespace tug::runtimed {
namespace {

absl::Status Gone() {
  return absl::UnavailableError("the container's shim is gone");
}

// Ids start anywhere, so that messages which answer a connection of an earlier
// runtimed fit none of ours.
uint32_t FirstId() {
  uint32_t id = 0;
  const std::string bytes = RandomBytes(sizeof(id));
  memcpy(&id, bytes.data(), sizeof(id));
  return id;
}

bool IsEvent(ShimMessageType type) {
  return type == ShimMessageType::kExited ||
         type == ShimMessageType::kExecExited ||
         type == ShimMessageType::kLogFull ||
         type == ShimMessageType::kLogError;
}

}  // namespace

ShimMessage NewShimMessage(ShimMessageType type) {
  ShimMessage message = {};
  message.magic = kShimMagic;
  message.version = kShimVersion;
  message.type = type;
  return message;
}

void SetExecId(ShimMessage& message, absl::string_view exec_id) {
  memcpy(message.exec_id, exec_id.data(),
         std::min(exec_id.size(), sizeof(message.exec_id)));
}

ShimConnection::ShimConnection(UniqueFd socket, ShimObserver observer)
    : socket_(std::move(socket)),
      observer_(std::move(observer)),
      next_id_(FirstId()) {
  fcntl(socket_.get(), F_SETFL, O_RDWR | O_NONBLOCK);
}

absl::Status ShimConnection::SendWith(const ShimMessage& message,
                                      const int* fds, size_t count) {
  const long sent =
      sys::SendWithFds(socket_.get(), &message, sizeof(message), fds, count);
  if (sent >= 0) return absl::OkStatus();
  if (sent == -EPIPE || sent == -ECONNRESET) return Gone();
  return ErrnoStatus(static_cast<int>(sent), "send to the shim");
}

absl::Status ShimConnection::Send(ShimMessage request) {
  {
    absl::MutexLock lock(&mutex_);
    request.id = ++next_id_;
  }
  return SendWith(request, nullptr, 0);
}

absl::StatusOr<ShimConnection::Answer> ShimConnection::Call(
    ShimMessage request, std::initializer_list<int> fds,
    std::initializer_list<ShimMessageType> ends, absl::Duration timeout) {
  Pending pending;
  pending.ends = ends;
  pending.ends.push_back(ShimMessageType::kReply);
  {
    absl::MutexLock lock(&mutex_);
    if (closed_) return Gone();
    do {
      request.id = ++next_id_;
    } while (request.id == 0 || pending_.contains(request.id));
    pending_[request.id] = &pending;
  }
  const absl::Status sent = SendWith(request, fds.begin(), fds.size());
  absl::MutexLock lock(&mutex_);
  const auto ended = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return pending.done || closed_;
  };
  const bool in_time =
      sent.ok() && mutex_.AwaitWithTimeout(absl::Condition(&ended), timeout);
  pending_.erase(request.id);
  if (!sent.ok()) return sent;
  if (pending.done) {
    const ShimMessage& last = pending.answer.last();
    if (last.type == ShimMessageType::kReply && last.error != 0) {
      return ErrnoStatus(last.error, last.text[0] == '\0' ? "shim" : last.text);
    }
    return std::move(pending.answer);
  }
  if (!in_time) {
    return absl::DeadlineExceededError("the container's shim does not answer");
  }
  return Gone();
}

bool ShimConnection::ReadAll() {
  for (;;) {
    ShimMessage message = {};
    UniqueFd fds[1];
    size_t count = 0;
    const long size = sys::ReceiveWithFds(socket_.get(), &message,
                                          sizeof(message), fds, 1, &count);
    if (size == -EAGAIN) return true;
    if (size != static_cast<long>(sizeof(message)) ||
        message.magic != kShimMagic || message.version != kShimVersion) {
      return false;
    }
    message.text[kShimTextSize - 1] = '\0';
    Dispatch(message, std::move(fds[0]));
  }
}

void ShimConnection::Dispatch(const ShimMessage& message, UniqueFd fd) {
  if (IsEvent(message.type)) {
    observer_.on_event(message);
    return;
  }
  absl::MutexLock lock(&mutex_);
  const auto found = pending_.find(message.id);
  if (found == pending_.end() || found->second->done) return;
  Pending& pending = *found->second;
  pending.answer.messages.push_back(message);
  if (fd) pending.answer.fd = std::move(fd);
  pending.done = std::find(pending.ends.begin(), pending.ends.end(),
                           message.type) != pending.ends.end();
}

void ShimConnection::NotifyClosed() {
  {
    absl::MutexLock lock(&mutex_);
    closed_ = true;
  }
  observer_.on_closed();
}

absl::StatusOr<UniqueFd> ConnectToShim(const std::string& socket_path) {
  const size_t slash = socket_path.rfind('/');
  // Through its directory's descriptor: a sockaddr takes 107 bytes only.
  const UniqueFd directory(open(socket_path.substr(0, slash).c_str(),
                                O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return ErrnoStatus(errno, socket_path);
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  const std::string name = absl::StrCat("/proc/self/fd/", directory.get(),
                                        socket_path.substr(slash));
  if (name.size() >= sizeof(address.sun_path)) {
    return absl::InvalidArgumentError(socket_path);
  }
  memcpy(address.sun_path, name.data(), name.size());
  UniqueFd fd(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  if (!fd) return ErrnoStatus(errno, "make a socket");
  if (connect(fd.get(), reinterpret_cast<sockaddr*>(&address),
              sizeof(address)) != 0) {
    return ErrnoStatus(errno, absl::StrCat("connect to ", socket_path));
  }
  return fd;
}

}  // namespace tug::runtimed
