// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <vector>

namespace tug::rpc {

// The connections that were handed to gRPC, which neither counts them nor tells
// when one ends. At most kMaxRpcConnections: past that the youngest leaves of
// the user who has most, so that connections which do nothing lock nobody out,
// and the gateway, which came first, stays.
//
// gRPC owns the descriptors, so that a number may have become another file by
// the time that it is looked at; the inode tells.
//
// Not thread-safe.
class RpcConnections {
 public:
  explicit RpcConnections(size_t limit) : limit_(limit) {}

  // Notes a connected socket of `uid`, which is about to be handed over. False:
  // nobody is to leave for it.
  bool Admit(int socket, uid_t uid);

 private:
  struct Connection {
    int number;
    ino_t inode;
    uid_t uid;
  };

  void ForgetClosed();
  // Breaks one to make room for `uid`.
  bool BreakOne(uid_t uid);

  const size_t limit_;
  // In the order of their coming.
  std::vector<Connection> connections_;
};

}  // namespace tug::rpc
