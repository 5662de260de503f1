// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/routes/images/registry_session.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "lib/base/log.h"
#include "lib/base/status_macros.h"
#include "services/gatewayd/translate/registry_auth.h"

namespace tug::gatewayd {

absl::StatusOr<RegistrySession> RegistrySession::Open(
    RegistryClient& client, const std::string& host,
    const RequestContext& context) {
  registry::v1::OpenSessionRequest request;
  request.set_host(host);
  const std::string_view header = context.head().headers.Get("X-Registry-Auth");
  const RegistryAuth auth =
      DecodeRegistryAuth(absl::string_view(header.data(), header.size()));
  if (!auth.empty()) *request.mutable_credentials() = auth.credentials;
  for (const auto& [name, value] : context.head().headers.fields()) {
    if (absl::StartsWithIgnoreCase(name, "X-Meta-")) {
      (*request.mutable_headers())[name] = value;
    }
  }
  ASSIGN_OR_RETURN(const registry::v1::OpenSessionResponse response,
                   client.OpenSession(request));
  return RegistrySession(client, response.session());
}

RegistrySession::RegistrySession(RegistrySession&& other) noexcept
    : client_(other.client_), id_(std::move(other.id_)) {
  other.id_.clear();
}

RegistrySession::~RegistrySession() {
  if (id_.empty()) return;
  registry::v1::CloseSessionRequest request;
  request.set_session(id_);
  LogIfError(client_.CloseSession(request), "close registry session");
}

}  // namespace tug::gatewayd
