// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <thread>

#include "absl/synchronization/mutex.h"
#include "lib/sys/unique_fd.h"
#include "services/runtimed/shims/shim_connection.h"

namespace tug::runtimed {

// The one thread that reads the control sockets of all shims.
//
// Thread-safe. Connections are kept until their stream ends.
class ShimLoop {
 public:
  ShimLoop();
  ~ShimLoop();

  absl::Status Watch(std::shared_ptr<ShimConnection> connection);

  // Ends the thread; no observer is called afterwards.
  void Stop();

 private:
  void Run();
  std::shared_ptr<ShimConnection> Find(int fd);

  UniqueFd epoll_;
  UniqueFd stop_;
  absl::Mutex mutex_;
  std::map<int, std::shared_ptr<ShimConnection>> connections_
      ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace tug::runtimed
