// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/containers/timestamps.h"

namespace tug::runtimed {

google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  constexpr int64_t kNanos = 1'000'000'000;
  const int64_t nanos = absl::ToUnixNanos(time);
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(nanos / kNanos);
  timestamp.set_nanos(static_cast<int32_t>(nanos % kNanos));
  return timestamp;
}

absl::Time FromTimestamp(const google::protobuf::Timestamp& timestamp) {
  return absl::FromUnixSeconds(timestamp.seconds()) +
         absl::Nanoseconds(timestamp.nanos());
}

}  // namespace tug::runtimed
