// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <ctime>

namespace tug::runtimed {

inline int64_t ReadClock(clockid_t clock) {
  timespec now = {};
  clock_gettime(clock, &now);
  return int64_t{now.tv_sec} * 1000000000 + now.tv_nsec;
}

// Nanoseconds since 1970.
inline int64_t WallClock() { return ReadClock(CLOCK_REALTIME); }

// Milliseconds of a clock that is never set.
inline int64_t SteadyMilliseconds() {
  return ReadClock(CLOCK_MONOTONIC) / 1000000;
}

}  // namespace tug::runtimed
