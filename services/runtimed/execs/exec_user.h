// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "services/runtimed/shims/live_table.h"

namespace tug::runtimed {

// Whether the files of a running container know `user` ("user[:group]"), as
// the start of an exec will find them; an answer now is worth more to a client
// than one on its stream. INVALID_ARGUMENT (EXEC_SPEC_INVALID) in Docker's
// words. OK where only the start can tell: files that are mounts of their own,
// no regular files or too large.
absl::Status CheckExecUser(const LiveContainer& live, const std::string& user);

}  // namespace tug::runtimed
