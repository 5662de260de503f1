// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/netlink/ip.h"

namespace tug::netd::dns {

// Types and codes that are treated by themselves (RFC 1035, 3596).
inline constexpr uint16_t kTypeA = 1;
inline constexpr uint16_t kTypePtr = 12;
inline constexpr uint16_t kTypeAaaa = 28;
inline constexpr uint16_t kClassIn = 1;
inline constexpr uint8_t kNoError = 0;
inline constexpr uint8_t kServerFailure = 2;
inline constexpr uint8_t kNameError = 3;
// Bytes before the question.
inline constexpr size_t kHeaderSize = 12;
// What a client without EDNS takes by UDP.
inline constexpr size_t kPlainUdpSize = 512;
inline constexpr size_t kMaxMessage = 65535;

// What somebody asks.
struct Question {
  uint16_t id = 0;
  bool recursion_desired = false;
  // Lower case, without the final dot; empty is the root.
  std::string name;
  // The same in the letters of who asks. An answer repeats them: clients that
  // mix upper and lower case believe no other. Empty: as `name`.
  std::string spelling;
  uint16_t type = 0;
  uint16_t klass = kClassIn;
  // EDNS: whether, and how much the client takes by UDP.
  bool edns = false;
  size_t udp_size = kPlainUdpSize;
};

// INVALID_ARGUMENT unless the message is a query with exactly one question.
absl::StatusOr<Question> ParseQuestion(absl::string_view message);

// The answers to one question.
struct Answer {
  uint8_t code = kNoError;
  // For A and AAAA; all of the question's type.
  std::vector<netlink::IpAddress> addresses;
  // For PTR; without final dot.
  std::string pointer;
};

// The message that answers. With more than `limit` bytes it comes out empty
// and marked as truncated, so that the client asks again by TCP.
std::string BuildAnswer(const Question& question, const Answer& answer,
                        size_t limit);

// What can be told of a reply without reading its records.
struct ReplyHeader {
  uint16_t id = 0;
  uint8_t code = 0;
  bool truncated = false;
};
// INVALID_ARGUMENT unless it is a reply to `question` (its id aside).
absl::StatusOr<ReplyHeader> ParseReply(absl::string_view message,
                                       const Question& question);

// Puts another id into a message of at least kHeaderSize bytes.
void SetId(std::string& message, uint16_t id);

// The address that a name below in-addr.arpa or ip6.arpa stands for;
// INVALID_ARGUMENT if none.
absl::StatusOr<netlink::IpAddress> ParseReverseName(absl::string_view name);

}  // namespace tug::netd::dns
