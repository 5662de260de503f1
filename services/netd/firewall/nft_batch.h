// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"

struct nlmsghdr;

namespace tug::netd {

// One nftables transaction under construction: all of it or nothing.
class NftBatch {
 public:
  // Room that one message may take.
  static constexpr size_t kMaxMessage = 64 * 1024;
  // Largest transaction.
  static constexpr size_t kMaxBatch = 16 * 1024 * 1024;

  NftBatch();

  // Appends a message of NFT_MSG_* `type`; `fill` writes its attributes.
  // `what` names it in an error.
  void Add(uint16_t type, int family, uint16_t flags, std::string what,
           absl::FunctionRef<void(nlmsghdr*)> fill);

  // Ends the transaction, sends it through the NETLINK_NETFILTER socket `fd`,
  // and waits for the kernel. The first failure.
  absl::Status Commit(int fd);

 private:
  absl::Status Send(int fd) const;
  absl::Status ReadAnswers(int fd) const;

  std::string buffer_;
  // What the message of sequence `i` + 1 is; its own names of begin and end.
  std::vector<std::string> what_;
};

}  // namespace tug::netd
