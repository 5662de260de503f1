// SPDX-License-Identifier: Apache-2.0
//
// Foreground sessions, shared by run, start -a, attach and exec.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "cli/client/engine.h"

namespace tug::cli {

// Waits for a container's exit on a thread of its own.
class ExitWatch {
 public:
  // `condition`: "next-exit", "removed", "not-running".
  ExitWatch(const Engine& engine, const std::string& id,
            const std::string& condition);
  // Leaves the thread behind if the exit has not come: the process is about
  // to end.
  ~ExitWatch();

  // Until the engine has promised to tell: what happens later is not missed.
  absl::Status AwaitRegistered();
  // The exit status.
  absl::StatusOr<int> Await();

 private:
  // Shared with the thread, which may outlive this object.
  struct Shared {
    absl::Mutex mutex;
    bool registered ABSL_GUARDED_BY(mutex) = false;
    bool done ABSL_GUARDED_BY(mutex) = false;
    absl::Status failure ABSL_GUARDED_BY(mutex);
    int exit_status ABSL_GUARDED_BY(mutex) = 0;
  };
  static void Watch(Engine engine, Path path, std::shared_ptr<Shared> shared);

  std::shared_ptr<Shared> shared_;
};

struct SessionOptions {
  std::string id;
  bool tty = false;
  bool send_input = false;
  bool show_output = true;
  bool show_errors = true;
  bool proxy_signals = true;  // Without a terminal.
  std::string detach_keys;    // As written; empty: the default.
};

// The text of --detach-keys, the config file's, or the default, as bytes.
absl::StatusOr<std::string> DetachKeyBytes(const std::string& text);

// FAILED_PRECONDITION if a terminal is asked for and standard input is none.
absl::Status CheckTerminal(bool tty, bool send_input);

// The whole foreground life of a container: attach, register the wait, run
// `start` (may be empty), stream, exit status. After a detach: 0.
// `start`'s failure is given back as it is, with `*start_failed` set.
absl::StatusOr<int> RunSession(const Engine& engine,
                               const SessionOptions& options,
                               const std::string& condition,
                               const std::function<absl::Status()>& start,
                               bool* start_failed);

// Streams a hijacked connection; `resize` is the path of the resize request.
// True: the container or exec goes on without us.
absl::StatusOr<bool> StreamConnection(
    const Engine& engine, http::Client::Upgraded connection,
    const SessionOptions& options, const std::string& resize, int signal_fd,
    const std::function<void(int)>& on_signal);

}  // namespace tug::cli
