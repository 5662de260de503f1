// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "services/gatewayd/peers/registry_client.h"
#include "services/gatewayd/server/request_context.h"

namespace tug::gatewayd {

// A session with one registry for the length of a request, with the
// credentials and X-Meta headers that the request carries.
class RegistrySession {
 public:
  static absl::StatusOr<RegistrySession> Open(RegistryClient& client,
                                              const std::string& host,
                                              const RequestContext& context);
  RegistrySession(RegistrySession&& other) noexcept;
  RegistrySession& operator=(RegistrySession&&) = delete;
  ~RegistrySession();

  const std::string& id() const { return id_; }

 private:
  RegistrySession(RegistryClient& client, std::string id)
      : client_(client), id_(std::move(id)) {}

  RegistryClient& client_;
  std::string id_;
};

}  // namespace tug::gatewayd
