// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "lib/base/byte_budget.h"
#include "lib/base/clock.h"
#include "services/registryd/client/identity.h"

namespace tug::registryd {

// Open sessions, and the secrets and headers that they keep together.
inline constexpr Bounds kSessions = {.count = 4096, .bytes = 16 << 20};
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
  // headers that are not X-Meta-*, RESOURCE_EXHAUSTED past kSessions.
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
    size_t bytes;  // Of its secrets and headers.
  };
  using Entries = std::map<std::string, Entry>;
  Entries::iterator Erase(Entries::iterator entry)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void DropExpired() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Clock& clock_;
  absl::Mutex mutex_;
  Entries entries_ ABSL_GUARDED_BY(mutex_);
  ByteBudget budget_ ABSL_GUARDED_BY(mutex_){kSessions};
};

}  // namespace tug::registryd
