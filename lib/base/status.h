// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace tug {

// Puts "context: " before the message of a failed status; code, reason and
// metadata stay. OK stays OK.
absl::Status Annotate(const absl::Status& status, absl::string_view context);

// "context: <strerror>" with the canonical code of `error_number` (ENOENT is
// NOT_FOUND, EACCES and EPERM are PERMISSION_DENIED, ...). `error_number` may
// be given as errno or as the -errno of lib/sys.
absl::Status ErrnoStatus(int error_number, absl::string_view context);

// The errno that ErrnoStatus was made from; 0 when there is none.
int StatusErrno(const absl::Status& status);

// Attaches the machine-readable reason (UPPER_SNAKE_CASE, listed with the RPC
// in its proto) that lib/rpc sends as google.rpc.ErrorInfo.
absl::Status WithReason(absl::Status status, absl::string_view reason);

// Adds one operand to the ErrorInfo.
absl::Status WithMetadata(absl::Status status, absl::string_view key,
                          absl::string_view value);

// The reason, or empty.
std::string StatusReason(const absl::Status& status);

// The operands; empty when there are none.
absl::flat_hash_map<std::string, std::string> StatusMetadata(
    const absl::Status& status);

}  // namespace tug
