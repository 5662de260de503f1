// SPDX-License-Identifier: Apache-2.0
//
// Registry credentials in the user's ~/.docker/config.json ($DOCKER_CONFIG),
// in Docker's format, so that both command lines share logins.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "boost/json.hpp"

namespace tug::cli {

// The key of Docker Hub's entry.
inline constexpr char kHubKey[] = "https://index.docker.io/v1/";

// The registry of an image name: "docker.io", "localhost:5000".
std::string RegistryOf(absl::string_view image);

class CredentialFile {
 public:
  // Of this user; a missing file is empty.
  static absl::StatusOr<CredentialFile> Load();
  explicit CredentialFile(std::string path, boost::json::object config)
      : path_(std::move(path)), config_(std::move(config)) {}

  // The value of X-Registry-Auth for a registry (base64url JSON; of an empty
  // object without a login). FAILED_PRECONDITION if the login is in a
  // credential store.
  absl::StatusOr<std::string> HeaderFor(const std::string& registry) const;

  // Username of the login, or empty.
  std::string UserOf(const std::string& registry) const;

  void Put(const std::string& registry, const std::string& username,
           const std::string& password, const std::string& identity_token);
  // False if there was none.
  bool Erase(const std::string& registry);

  // Writes the file (0600), replacing it in one step.
  absl::Status Save() const;
  const std::string& path() const { return path_; }
  const boost::json::object& config() const { return config_; }

 private:
  const boost::json::value* Find(const std::string& registry) const;

  std::string path_;
  boost::json::object config_;
};

}  // namespace tug::cli
