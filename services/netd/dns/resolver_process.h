// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/sys/unique_fd.h"

namespace tug::netd {

// The resolver, seen from netd: tug-dns-keeper, which only starts tug-dns again
// and again. tug-dns answers questions as a user of its own; to make it that
// user takes rights that netd gives up once the keeper runs.
struct ResolverProcess {
  // Our end of the channel, which outlives every resolver.
  UniqueFd control;
  // The keeper; invalid where a test plays the resolver.
  UniqueFd pidfd;
  pid_t pid = 0;
};

// `keeper`: path of tug-dns-keeper. `user`: whom tug-dns becomes; where there
// is no such user, "nobody".
absl::StatusOr<ResolverProcess> StartResolverProcess(const std::string& keeper,
                                                     const std::string& user);

// What the keeper does: starts `program` as `user` whenever none runs, and
// hands it `control`, until SIGTERM or the end of the channel.
absl::Status KeepResolver(const std::string& program, const std::string& user,
                          const UniqueFd& control);

}  // namespace tug::netd
