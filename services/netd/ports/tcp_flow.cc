// SPDX-License-Identifier: Apache-2.0
#include "services/netd/ports/tcp_flow.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace tug::netd {
namespace {

bool HasPeer(int socket) {
  sockaddr_storage peer;
  socklen_t size = sizeof(peer);
  return getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &size) == 0;
}

}  // namespace

TcpFlow::Direction TcpFlow::MakeDirection() {
  Direction direction;
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0) {
    direction.pipe_out.reset(ends[0]);
    direction.pipe_in.reset(ends[1]);
  }
  return direction;
}

TcpFlow::TcpFlow(UniqueFd client, UniqueFd server)
    : client_(std::move(client)),
      server_(std::move(server)),
      up_(MakeDirection()),
      down_(MakeDirection()) {}

bool TcpFlow::Move(int source, int target, Direction& direction) {
  constexpr unsigned kFlags = SPLICE_F_MOVE | SPLICE_F_NONBLOCK;
  for (bool progress = true; progress && !direction.finished;) {
    progress = false;
    if (!direction.source_ended && direction.held < kPipeBytes) {
      const ssize_t got = splice(source, nullptr, direction.pipe_in.get(),
                                 nullptr, kPipeBytes - direction.held, kFlags);
      if (got < 0 && errno != EAGAIN && errno != EINTR) return false;
      if (got == 0) direction.source_ended = true;
      if (got > 0) direction.held += static_cast<size_t>(got);
      progress = got >= 0;
    }
    if (direction.held > 0) {
      const ssize_t put = splice(direction.pipe_out.get(), nullptr, target,
                                 nullptr, direction.held, kFlags);
      if (put < 0 && errno != EAGAIN && errno != EINTR) return false;
      if (put > 0) direction.held -= static_cast<size_t>(put);
      progress = progress || put > 0;
    }
    if (direction.source_ended && direction.held == 0) {
      shutdown(target, SHUT_WR);
      direction.finished = true;
    }
  }
  return true;
}

bool TcpFlow::Pump() {
  int error = 0;
  socklen_t size = sizeof(error);
  getsockopt(server_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return false;
  connected_ = connected_ || HasPeer(server_.get());
  if (!connected_) return true;  // Still connecting.
  if (!Move(client_.get(), server_.get(), up_)) return false;
  if (!Move(server_.get(), client_.get(), down_)) return false;
  return !(up_.finished && down_.finished);
}

}  // namespace tug::netd
