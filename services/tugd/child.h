// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/tugd/accounts.h"
#include "services/tugd/backoff.h"
#include "services/tugd/probe.h"
#include "services/tugd/services.h"
#include "services/tugd/sockets.h"

namespace tug::tugd {

// One service: what its processes get, and the one that runs now.
//
// Not thread-safe: the supervisor's single thread owns it.
class Child {
 public:
  struct Setup {
    const Service* service;
    std::string program;  // Path.
    std::string section;  // JSON of its configuration.
    std::string log_level;
    Account account;
    std::vector<NamedSocket> sockets;
  };
  explicit Child(Setup setup);

  const char* name() const { return setup_.service->name; }
  bool speaks_rest() const { return setup_.service->speaks_rest; }
  bool running() const { return pid_ > 0; }
  pid_t pid() const { return pid_; }
  // When to start it again; meaningless while it runs.
  absl::Time start_at() const { return start_at_; }

  // Starts a process; a failure counts as one that ended at once.
  void Start(absl::Time now);

  // To be called when `pid()` has been reaped.
  void HasEnded(int wait_status, absl::Time now);

  void Signal(int signal) const;

  // To be called every few seconds while it runs: kills a process that no
  // longer answers, a stopped one too.
  void EndIfHung();

 private:
  absl::Status Launch();
  void ScheduleStart(absl::Duration life, absl::Time now);

  Setup setup_;
  pid_t pid_ = 0;
  absl::Time started_;
  absl::Time start_at_ = absl::InfinitePast();
  Backoff backoff_;
  Probe probe_;
};

}  // namespace tug::tugd
