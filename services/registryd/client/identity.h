// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "lib/base/byte_budget.h"
#include "services/registryd/auth/credentials.h"

namespace tug::registryd {

// Authorizations that one identity remembers; registries size them. A longer
// token than kMaxRememberedToken is asked for each time.
inline constexpr Bounds kAuthorizations = {.count = 256, .bytes = 128 << 10};
inline constexpr size_t kMaxRememberedToken = 32 << 10;

// Who asks a registry, and what it has been granted so far.
//
// Thread-safe.
class Identity {
 public:
  Identity(std::string host, Credentials credentials,
           std::map<std::string, std::string> headers)
      : host_(std::move(host)),
        credentials_(std::move(credentials)),
        headers_(std::move(headers)) {}

  // The registry that the credentials are for; they never go elsewhere.
  const std::string& host() const { return host_; }
  const Credentials& credentials() const { return credentials_; }
  // Headers to forward to that registry.
  const std::map<std::string, std::string>& headers() const { return headers_; }

  // A still valid "Authorization" value for `key`, or empty.
  std::string Authorization(const std::string& key, absl::Time now) {
    absl::MutexLock lock(&mutex_);
    const auto found = granted_.find(key);
    if (found == granted_.end() || found->second.expires <= now) return "";
    return found->second.value;
  }

  void Remember(const std::string& key, std::string value, absl::Time expires) {
    const size_t bytes = key.size() + value.size();
    if (bytes > kMaxRememberedToken) return Forget(key);
    absl::MutexLock lock(&mutex_);
    Erase(key);
    if (!budget_.Fits(bytes)) {
      while (!granted_.empty()) Erase(granted_.begin()->first);
    }
    budget_.Take(bytes);
    granted_[key] = {std::move(value), expires};
  }

  void Forget(const std::string& key) {
    absl::MutexLock lock(&mutex_);
    Erase(key);
  }

 private:
  struct Grant {
    std::string value;
    absl::Time expires;
  };

  // By value: the key may be the entry's own.
  void Erase(std::string key) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const auto found = granted_.find(key);
    if (found == granted_.end()) return;
    budget_.Give(key.size() + found->second.value.size());
    granted_.erase(found);
  }

  const std::string host_;
  const Credentials credentials_;
  const std::map<std::string, std::string> headers_;
  absl::Mutex mutex_;
  std::map<std::string, Grant> granted_ ABSL_GUARDED_BY(mutex_);
  ByteBudget budget_ ABSL_GUARDED_BY(mutex_){kAuthorizations};
};

}  // namespace tug::registryd
