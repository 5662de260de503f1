// SPDX-License-Identifier: Apache-2.0
#include "services/registryd/sessions/session_table.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/id.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/registryd/client/host.h"

namespace tug::registryd {
namespace {

constexpr size_t kSessionBytes = 16;

bool IsHeaderName(absl::string_view name) {
  return absl::StartsWithIgnoreCase(name, "X-Meta-") &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                  c == '-' || c == '_';
         });
}

bool HasControlBytes(absl::string_view value) {
  return std::any_of(value.begin(), value.end(), [](char c) {
    return absl::ascii_iscntrl(static_cast<unsigned char>(c));
  });
}

absl::Status CheckHeaders(const std::map<std::string, std::string>& headers) {
  if (headers.size() > kMaxForwardedHeaders) {
    return absl::InvalidArgumentError("too many headers to forward");
  }
  for (const auto& [name, value] : headers) {
    if (!IsHeaderName(name) || HasControlBytes(value) ||
        name.size() + value.size() > kMaxForwardedHeaderBytes) {
      return absl::InvalidArgumentError(
          absl::StrCat("header ", absl::CHexEscape(name.substr(0, 64)),
                       ": only short X-Meta-* headers are forwarded"));
    }
  }
  return absl::OkStatus();
}

size_t SizeOf(const Credentials& credentials) {
  return credentials.username.size() + credentials.password.size() +
         credentials.identity_token.size() + credentials.registry_token.size();
}

// A registry token becomes a header as it is.
absl::Status CheckCredentials(const Credentials& credentials) {
  if (SizeOf(credentials) > kMaxSecretBytes) {
    return absl::InvalidArgumentError("credentials are too long");
  }
  if (HasControlBytes(credentials.registry_token)) {
    return absl::InvalidArgumentError("registry token has control bytes");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> SessionTable::Open(
    absl::string_view host, Credentials credentials,
    std::map<std::string, std::string> headers) {
  ASSIGN_OR_RETURN(const Host parsed, ParseHost(host));
  RETURN_IF_ERROR(CheckHeaders(headers));
  RETURN_IF_ERROR(CheckCredentials(credentials));
  std::string name = absl::BytesToHexString(RandomBytes(kSessionBytes));
  size_t bytes = SizeOf(credentials);
  for (const auto& [header, value] : headers) {
    bytes += header.size() + value.size();
  }
  absl::MutexLock lock(&mutex_);
  DropExpired();
  if (!budget_.TryTake(bytes)) {
    return absl::ResourceExhaustedError("too many registry sessions are open");
  }
  entries_[name] = {
      std::make_shared<Identity>(parsed.text, std::move(credentials),
                                 std::move(headers)),
      clock_.Now(), bytes};
  return name;
}

void SessionTable::Close(const std::string& session) {
  absl::MutexLock lock(&mutex_);
  const auto found = entries_.find(session);
  if (found != entries_.end()) Erase(found);
}

SessionTable::Entries::iterator SessionTable::Erase(Entries::iterator entry) {
  budget_.Give(entry->second.bytes);
  return entries_.erase(entry);
}

absl::StatusOr<std::shared_ptr<Identity>> SessionTable::Find(
    const std::string& session) {
  absl::MutexLock lock(&mutex_);
  DropExpired();
  const auto found = entries_.find(session);
  if (found == entries_.end()) {
    return WithReason(absl::FailedPreconditionError(
                          "registry session is unknown or has expired"),
                      "SESSION_UNKNOWN");
  }
  found->second.last_used = clock_.Now();
  return found->second.identity;
}

void SessionTable::DropExpired() {
  const absl::Time oldest = clock_.Now() - kSessionLifetime;
  for (auto it = entries_.begin(); it != entries_.end();) {
    it = it->second.last_used < oldest ? Erase(it) : std::next(it);
  }
}

}  // namespace tug::registryd
