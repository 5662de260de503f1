// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/epoll.h>

#include <cstdint>
#include <vector>

#include "absl/time/time.h"
#include "lib/sys/unique_fd.h"

namespace tug::netd::dns {

// What a descriptor of the resolver is.
enum class SourceKind : uint8_t {
  kControl,
  kStop,
  kDatagrams,
  kListener,
  kStream,
  kUpstream,
};

// A descriptor, by what it is and the number of whom it belongs to. Numbers
// are never used twice, so an event of what was closed a moment ago finds
// nobody.
struct Source {
  SourceKind kind;
  uint64_t id = 0;
};

// An epoll set. Closing a descriptor takes it out.
class EventSet {
 public:
  static constexpr int kEventsPerTurn = 64;

  explicit EventSet(UniqueFd poll) : poll_(std::move(poll)) {}

  // `events`: EPOLLIN, EPOLLOUT, EPOLLET.
  void Add(int fd, Source source, uint32_t events) {
    Control(EPOLL_CTL_ADD, fd, source, events);
  }
  void Change(int fd, Source source, uint32_t events) {
    Control(EPOLL_CTL_MOD, fd, source, events);
  }

  // Without closing it: even what waits for nothing is told of errors.
  void Remove(int fd) { epoll_ctl(poll_.get(), EPOLL_CTL_DEL, fd, nullptr); }

  // Those that are ready, in turn: what was ready in the last round and still
  // is comes behind the others.
  std::vector<Source> Wait(absl::Duration longest) {
    epoll_event events[kEventsPerTurn];
    const auto timeout = static_cast<int>(
        absl::ToInt64Milliseconds(absl::Ceil(longest, absl::Milliseconds(1))));
    const int count = epoll_wait(poll_.get(), events, kEventsPerTurn, timeout);
    std::vector<Source> sources;
    for (int i = 0; i < count; ++i) {
      sources.push_back({static_cast<SourceKind>(events[i].data.u64 >> 56),
                         events[i].data.u64 & kIdMask});
    }
    return sources;
  }

 private:
  static constexpr uint64_t kIdMask = (uint64_t{1} << 56) - 1;

  void Control(int operation, int fd, Source source, uint32_t events) {
    epoll_event event = {};
    event.events = events;
    event.data.u64 = static_cast<uint64_t>(source.kind) << 56 | source.id;
    epoll_ctl(poll_.get(), operation, fd, &event);
  }

  const UniqueFd poll_;
};

}  // namespace tug::netd::dns
