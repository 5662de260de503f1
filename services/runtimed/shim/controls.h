// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "lib/sys/unique_fd.h"
#include "services/runtimed/protocol/protocol.h"
#include "services/runtimed/shim/poll_set.h"

namespace tug::runtimed {

// A message with magic, version and type set.
ShimMessage MakeMessage(ShimMessageType type);
// Copies text and makes sure that it ends.
void SetText(ShimMessage& message, const char* text);

// The connections to runtimed: the one that the shim was born with, and those
// made to its socket. One that does not read its messages is cut: whoever is
// behind it connects again and asks for the state.
class Controls {
 public:
  // Takes a connected socket; drops it when there are too many.
  void Add(UniqueFd socket);
  // Listens at `path` (0600). 0 or -errno.
  long Listen(const char* path);
  // Removes the socket's name.
  void StopListening();
  // Accepts one peer of our own user.
  void Accept();

  bool empty() const { return count_ == 0; }
  // Which connection `index` is: no two ever have the same number.
  uint32_t NumberOf(size_t index) const { return numbers_[index]; }
  // Whether that connection is still open.
  bool IsOpen(uint32_t number) const;
  void AddTo(PollSet& set) const;

  // Receives a request of connection `index` with at most `fd_capacity`
  // descriptors. False when there is none; a broken connection is dropped.
  bool Receive(size_t index, ShimMessage* message, UniqueFd* fds,
               size_t fd_capacity, size_t* fd_count);

  void Send(size_t index, const ShimMessage& message, int fd = -1);
  // To every connection.
  void Broadcast(const ShimMessage& message);

 private:
  void Drop(size_t index);

  UniqueFd connections_[kMaxControls];
  uint32_t numbers_[kMaxControls] = {};
  uint32_t last_number_ = 0;
  size_t count_ = 0;
  UniqueFd listener_;
};

}  // namespace tug::runtimed
