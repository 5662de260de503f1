// SPDX-License-Identifier: Apache-2.0
#include "lib/cgroup/freezer.h"

#include <functional>
#include <string>

#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "lib/base/status_macros.h"
#include "lib/cgroup/control_file.h"

namespace tug::cgroup {
namespace {

// The freezer has no notification on v1; its state is polled.
constexpr absl::Duration kFirstPoll = absl::Microseconds(100);
constexpr absl::Duration kLongestPoll = absl::Milliseconds(20);

bool ReportsFrozen(int directory, const char* file, const char* mark) {
  const auto text = ReadControl(directory, file);
  return text.ok() && absl::StrContains(*text, mark);
}

absl::Status AwaitFrozen(const std::function<bool()>& frozen,
                         const std::function<void()>& nudge) {
  const absl::Time deadline = absl::Now() + kFreezeTimeout;
  absl::Duration pause = kFirstPoll;
  while (!frozen()) {
    if (absl::Now() > deadline) {
      return absl::DeadlineExceededError(
          "freeze: some process does not reach a point where it can stop");
    }
    absl::SleepFor(pause);
    pause = std::min(2 * pause, kLongestPoll);
    nudge();
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status FreezeV1(int directory) {
  RETURN_IF_ERROR(WriteControl(directory, "freezer.state", "FROZEN"));
  const absl::Status frozen = AwaitFrozen(
      [&] { return ReportsFrozen(directory, "freezer.state", "FROZEN"); },
      // A process forked meanwhile is missed unless the state is set again.
      [&] {
        WriteControl(directory, "freezer.state", "FROZEN").IgnoreError();
      });
  if (!frozen.ok()) ThawV1(directory).IgnoreError();
  return frozen;
}

absl::Status ThawV1(int directory) {
  return WriteControl(directory, "freezer.state", "THAWED");
}

absl::Status FreezeV2(int directory) {
  RETURN_IF_ERROR(WriteControl(directory, "cgroup.freeze", "1"));
  const absl::Status frozen = AwaitFrozen(
      [&] { return ReportsFrozen(directory, "cgroup.events", "frozen 1"); },
      [] {});
  if (!frozen.ok()) ThawV2(directory).IgnoreError();
  return frozen;
}

absl::Status ThawV2(int directory) {
  return WriteControl(directory, "cgroup.freeze", "0");
}

}  // namespace tug::cgroup
