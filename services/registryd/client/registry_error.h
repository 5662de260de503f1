// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "services/registryd/client/http_exchange.h"

namespace tug::registryd {

// What was asked of a registry, for the words of an error.
struct Question {
  std::string host;        // "docker.io"
  std::string repository;  // "library/debian"; empty for a login.
  std::string reference;   // Tag or digest; empty for lists.
  enum class Noun { kManifest, kBlob, kTags, kLogin } noun = Noun::kManifest;
};

// How the request that failed was authorized.
enum class Proof { kNone, kBasic, kBearer };

// Turns an exchange that brought no 2xx answer into a status with the reasons
// of registry.proto.
absl::Status RegistryError(const HttpResult& result, const Question& question,
                           Proof proof, bool has_credentials);

// The first error code in a registry's JSON body ("NAME_UNKNOWN"), or empty.
std::string RegistryErrorCode(const std::string& body);

// Seconds that Retry-After asks to wait; -1 if it is absent or no number.
int RetryAfterSeconds(const HttpResult& result);

}  // namespace tug::registryd
