// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <poll.h>

#include <cstddef>
#include <cstdint>

#include "services/runtimed/protocol/protocol.h"

namespace tug::runtimed {

// Whom a descriptor of the poll set belongs to.
enum class PollOwner : uint8_t {
  kSignals,
  kListener,
  kControl,  // index: connection
  kReport,   // index: process
  kOutput,   // index: process, part: stream
  kInput,    // index: process
  kClient,   // index: client
};

// What poll(2) waits for, gathered anew in each turn of the loop: with few
// descriptors that is cheaper than keeping a kernel set in step.
class PollSet {
 public:
  static constexpr size_t kCapacity =
      2 + kMaxControls + 4 * (kMaxExecs + 1) + kMaxClients;

  void Clear() { count_ = 0; }

  void Add(int fd, short events, PollOwner owner, size_t index = 0,
           size_t part = 0) {
    if (count_ == kCapacity) return;
    fds_[count_] = {fd, events, 0};
    owners_[count_++] = {owner, static_cast<uint16_t>(index),
                         static_cast<uint8_t>(part)};
  }

  // Negative `timeout_ms`: for ever. Answers whether anything is ready.
  bool Wait(int timeout_ms) { return poll(fds_, count_, timeout_ms) > 0; }

  struct Owner {
    PollOwner kind;
    uint16_t index;
    uint8_t part;
  };

  size_t size() const { return count_; }
  short ready(size_t i) const { return fds_[i].revents; }
  const Owner& owner(size_t i) const { return owners_[i]; }

 private:
  pollfd fds_[kCapacity];
  Owner owners_[kCapacity];
  size_t count_ = 0;
};

}  // namespace tug::runtimed
