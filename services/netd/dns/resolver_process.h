// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/sys/unique_fd.h"

namespace tug::netd {

// tug-dns, seen from netd: two processes, of which the first only starts the
// second, again and again. The second answers questions as a user of its own;
// to make it that user takes rights that netd gives up once the first runs.
struct ResolverProcess {
  // Our end of the channel, which outlives every resolver.
  UniqueFd control;
  // The first process; invalid where a test plays the resolver.
  UniqueFd pidfd;
  pid_t pid = 0;
};

// `program`: path of tug-dns. `user`: whom the resolver becomes; where there is
// no such user, "nobody".
absl::StatusOr<ResolverProcess> StartResolverProcess(
    const std::string& program, const std::string& user);

// What the first process does: starts `/proc/self/exe` as `user` whenever none
// runs, hands it `control`, kills it at SIGUSR1, and ends at SIGTERM.
absl::Status SuperviseResolver(const std::string& user,
                               const UniqueFd& control);

}  // namespace tug::netd
