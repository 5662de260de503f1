// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "services/gatewayd/lastknown/last_known.h"
#include "services/gatewayd/peers/call_deadline.h"

namespace tug::gatewayd {

// How long a read waits for its service before the last known answer is given.
inline constexpr absl::Duration kReadPatience = absl::Milliseconds(30);

// What `ask` is answered in kReadPatience; else DEADLINE_EXCEEDED.
template <typename Ask>
auto WithPatience(const Ask& ask) {
  const ScopedCallDeadline patience(absl::Now() + kReadPatience);
  return ask();
}

// What the service says, or, when it does not in kReadPatience, what is known;
// when that is nothing, what the service says in the end.
template <typename Object>
absl::StatusOr<std::vector<Object>> ReadOrLastKnown(
    const LastKnown<Object>& known,
    absl::FunctionRef<absl::StatusOr<std::vector<Object>>()> read) {
  absl::StatusOr<std::vector<Object>> answer = WithPatience(read);
  if (!absl::IsDeadlineExceeded(answer.status())) return answer;
  std::optional<std::vector<Object>> last = known.All();
  if (last.has_value()) return *std::move(last);
  return read();
}

}  // namespace tug::gatewayd
