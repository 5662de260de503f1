// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "lib/base/clock.h"
#include "services/registryd/client/identity.h"

namespace tug::registryd {

inline constexpr size_t kMaxSessions = 4096;
inline constexpr absl::Duration kSessionLifetime = absl::Hours(1);
// Bounds of one session's secrets and forwarded headers.
inline constexpr size_t kMaxSecretBytes = 64 * 1024;
inline constexpr size_t kMaxForwardedHeaders = 32;
inline constexpr size_t kMaxForwardedHeaderBytes = 4096;

// Open sessions: unguessable names for who asks which registry. In memory
// only; a restart ends them all.
//
// Thread-safe.
class SessionTable {
 public:
  explicit SessionTable(Clock& clock) : clock_(clock) {}

  // INVALID_ARGUMENT (REFERENCE_INVALID) for a bad host, INVALID_ARGUMENT for
  // headers that are not X-Meta-*, RESOURCE_EXHAUSTED past kMaxSessions.
  absl::StatusOr<std::string> Open(absl::string_view host,
                                   Credentials credentials,
                                   std::map<std::string, std::string> headers);

  // No effect for an absent one.
  void Close(const std::string& session);

  // Shared, because a call may still use it while another closes it.
  // FAILED_PRECONDITION (SESSION_UNKNOWN).
  absl::StatusOr<std::shared_ptr<Identity>> Find(const std::string& session);

 private:
  struct Entry {
    std::shared_ptr<Identity> identity;
    absl::Time last_used;
  };
  void DropExpired() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Clock& clock_;
  absl::Mutex mutex_;
  std::map<std::string, Entry> entries_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tug::registryd
