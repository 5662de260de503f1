// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace tug::http {

// Whether a connection waits for its client, and since when: such a one may be
// ended to make room for others. A client that gives or takes a few bytes now
// and then has waited since the first of these waits.
//
// One thread changes it; since() is thread-safe.
class ClientWait {
 public:
  // Bytes that must move for the next wait to count anew.
  static constexpr size_t kFreshBytes = 64 * 1024;

  ClientWait() { Begin(); }

  void Begin() {
    if (first_ == 0) first_ = Now();
    since_ = first_;
  }
  void End() { since_ = 0; }
  void Moved(size_t bytes) {
    moved_ += bytes;
    if (moved_ >= kFreshBytes) Forget();
  }
  // The next wait counts anew.
  void Forget() {
    first_ = 0;
    moved_ = 0;
  }

  // Nanoseconds of the monotonic clock; 0 while it does not wait.
  int64_t since() const { return since_; }

 private:
  static int64_t Now() {
    return std::chrono::steady_clock::now().time_since_epoch().count();
  }

  int64_t first_ = 0;
  size_t moved_ = 0;
  std::atomic<int64_t> since_ = 0;
};

}  // namespace tug::http
