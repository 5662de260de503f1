// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/shims/shim_loop.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <cerrno>

#include "lib/base/check.h"
#include "lib/base/status.h"

namespace tug::runtimed {
namespace {

constexpr int kEventsAtOnce = 64;

}  // namespace

ShimLoop::ShimLoop()
    : epoll_(epoll_create1(EPOLL_CLOEXEC)), stop_(eventfd(0, EFD_CLOEXEC)) {
  CHECK(epoll_.valid() && stop_.valid());
  epoll_event event = {};
  event.events = EPOLLIN;
  event.data.fd = stop_.get();
  CHECK(epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, stop_.get(), &event) == 0);
  thread_ = std::thread([this] { Run(); });
}

ShimLoop::~ShimLoop() { Stop(); }

void ShimLoop::Stop() {
  if (!thread_.joinable()) return;
  const uint64_t one = 1;
  CHECK(write(stop_.get(), &one, sizeof(one)) == sizeof(one));
  thread_.join();
}

absl::Status ShimLoop::Watch(std::shared_ptr<ShimConnection> connection) {
  const int fd = connection->socket();
  absl::MutexLock lock(&mutex_);
  connections_[fd] = std::move(connection);
  epoll_event event = {};
  event.events = EPOLLIN | EPOLLRDHUP;
  event.data.fd = fd;
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
    connections_.erase(fd);
    return ErrnoStatus(errno, "watch a shim");
  }
  return absl::OkStatus();
}

std::shared_ptr<ShimConnection> ShimLoop::Find(int fd) {
  absl::MutexLock lock(&mutex_);
  const auto found = connections_.find(fd);
  return found == connections_.end() ? nullptr : found->second;
}

void ShimLoop::Run() {
  epoll_event events[kEventsAtOnce];
  for (;;) {
    const int count =
        epoll_wait(epoll_.get(), events, kEventsAtOnce, /*timeout=*/-1);
    CHECK(count >= 0 || errno == EINTR);
    for (int i = 0; i < count; ++i) {
      const int fd = events[i].data.fd;
      if (fd == stop_.get()) return;
      const std::shared_ptr<ShimConnection> connection = Find(fd);
      if (connection == nullptr || connection->ReadAll()) continue;
      epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
      {
        absl::MutexLock lock(&mutex_);
        connections_.erase(fd);
      }
      connection->NotifyClosed();
    }
  }
}

}  // namespace tug::runtimed
