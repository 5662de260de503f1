// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/registryd/auth/credentials.h"

namespace tug::registryd {

// Most authorizations that one identity remembers.
inline constexpr size_t kMaxAuthorizations = 256;

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
    absl::MutexLock lock(&mutex_);
    if (granted_.size() >= kMaxAuthorizations) granted_.clear();
    granted_[key] = {std::move(value), expires};
  }

  void Forget(const std::string& key) {
    absl::MutexLock lock(&mutex_);
    granted_.erase(key);
  }

 private:
  struct Grant {
    std::string value;
    absl::Time expires;
  };

  const std::string host_;
  const Credentials credentials_;
  const std::map<std::string, std::string> headers_;
  absl::Mutex mutex_;
  std::map<std::string, Grant> granted_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tug::registryd
