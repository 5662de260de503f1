// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "lib/sys/unique_fd.h"

namespace tug::tugd {

// Finds out whether a service still takes connections and answers them. It
// holds one connection to it, from the question to the first byte of the
// answer, and never waits.
//
// Not thread-safe.
class Probe {
 public:
  // So many looks without an answer, and the service hangs. Looks are counted,
  // not time, so that a machine that slept for a while harms nobody.
  static constexpr int kMaxMissed = 6;

  // `listener`: the unix socket that the service accepts on; stays the
  // caller's, and is only looked at here.
  Probe(int listener, bool speaks_rest);

  // To be called every few seconds; whether the service hangs. One that has
  // never answered is still starting, and does not.
  bool Look();
  // A new process has to answer first.
  void Reset();

 private:
  void Ask();

  std::string address_;  // sockaddr_un.
  bool speaks_rest_;
  UniqueFd connection_;
  bool has_answered_ = false;
  int missed_ = 0;
};

}  // namespace tug::tugd
