// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "lib/sys/unique_fd.h"

namespace tug::registryd {

// A server on loopback that answers each request by a function, one connection
// each; for tests of what real registries do rarely.
class ScriptedServer {
 public:
  // Gets the request's head, answers raw bytes; then the connection closes.
  using Script = std::function<std::string(const std::string& head)>;

  explicit ScriptedServer(Script script);
  ~ScriptedServer();

  // "127.0.0.1:41234"
  std::string address() const;
  // Heads of all requests so far.
  std::vector<std::string> requests() const;

 private:
  void Run();
  void Serve(UniqueFd connection);

  Script script_;
  UniqueFd listener_;
  int port_ = 0;
  mutable absl::Mutex mutex_;
  std::vector<std::string> requests_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace tug::registryd
