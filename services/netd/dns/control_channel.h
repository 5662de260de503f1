// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message_lite.h"
#include "lib/sys/unique_fd.h"

namespace tug::netd::dns {

// Longest message of the channel. A view of 256 networks with all their links
// stays below.
inline constexpr size_t kMaxControlMessage = 1024 * 1024;
// Room for messages that wait for the other side. Where the kernel grants
// less, more of them wait with us.
inline constexpr int kControlBuffer = 8 * 1024 * 1024;

// The two ends of a channel for messages with descriptors: AF_UNIX,
// SOCK_SEQPACKET, non-blocking.
absl::StatusOr<std::pair<UniqueFd, UniqueFd>> MakeControlChannel();

// Never wait. UNAVAILABLE if the channel is full; RESOURCE_EXHAUSTED if the
// message is longer than kMaxControlMessage.
absl::Status SendControl(int channel,
                         const google::protobuf::MessageLite& message,
                         const std::vector<int>& fds);

// Reads the next message into `message`; its descriptors. UNAVAILABLE if none
// is there, CANCELLED at the end, DATA_LOSS for nonsense.
absl::StatusOr<std::vector<UniqueFd>> ReceiveControl(
    int channel, google::protobuf::MessageLite& message);

}  // namespace tug::netd::dns
