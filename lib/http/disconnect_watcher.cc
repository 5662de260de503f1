// SPDX-License-Identifier: Apache-2.0
#include "lib/http/disconnect_watcher.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <utility>

#include "lib/base/status.h"

namespace tug::http {
namespace {

constexpr uint64_t kWake = 0;
constexpr int kEventsAtOnce = 32;

}  // namespace

absl::StatusOr<std::unique_ptr<DisconnectWatcher>> DisconnectWatcher::Create() {
  UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll) return ErrnoStatus(errno, "create epoll");
  UniqueFd wake(::eventfd(0, EFD_CLOEXEC));
  if (!wake) return ErrnoStatus(errno, "create eventfd");
  epoll_event event = {};
  event.events = EPOLLIN;
  event.data.u64 = kWake;
  if (::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, wake.get(), &event) != 0) {
    return ErrnoStatus(errno, "watch eventfd");
  }
  return std::unique_ptr<DisconnectWatcher>(
      new DisconnectWatcher(std::move(epoll), std::move(wake)));
}

DisconnectWatcher::DisconnectWatcher(UniqueFd epoll, UniqueFd wake)
    : epoll_(std::move(epoll)),
      wake_(std::move(wake)),
      thread_([this] { Run(); }) {}

DisconnectWatcher::~DisconnectWatcher() {
  ::eventfd_write(wake_.get(), 1);
  thread_.join();
}

uint64_t DisconnectWatcher::Add(int socket, std::function<void()> on_gone) {
  absl::MutexLock lock(&mutex_);
  const uint64_t watch = next_++;
  watches_.emplace(watch, Watch{socket, std::move(on_gone)});
  epoll_event event = {};
  event.events = EPOLLRDHUP | EPOLLONESHOT;
  event.data.u64 = watch;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, socket, &event);
  return watch;
}

void DisconnectWatcher::Remove(uint64_t watch) {
  if (std::this_thread::get_id() == thread_.get_id()) return;
  absl::MutexLock lock(&mutex_);
  const auto found = watches_.find(watch);
  if (found != watches_.end()) {
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, found->second.socket, nullptr);
    watches_.erase(found);
  }
  const auto left = [this, watch]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return firing_ != watch;
  };
  mutex_.Await(absl::Condition(&left));
}

void DisconnectWatcher::Fire(uint64_t watch) {
  std::function<void()> on_gone;
  {
    absl::MutexLock lock(&mutex_);
    const auto found = watches_.find(watch);
    if (found == watches_.end()) return;
    on_gone = std::exchange(found->second.on_gone, nullptr);
    if (!on_gone) return;
    firing_ = watch;
  }
  on_gone();
  absl::MutexLock lock(&mutex_);
  firing_ = 0;
}

void DisconnectWatcher::Run() {
  epoll_event events[kEventsAtOnce];
  for (;;) {
    const int count =
        ::epoll_wait(epoll_.get(), events, kEventsAtOnce, /*timeout=*/-1);
    for (int i = 0; i < count; ++i) {
      if (events[i].data.u64 == kWake) return;
      Fire(events[i].data.u64);
    }
  }
}

}  // namespace tug::http
