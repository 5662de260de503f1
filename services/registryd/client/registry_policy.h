// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/registryd/client/host.h"
#include "services/registryd/client/http_exchange.h"

namespace tug::registryd {

// Where one registry's API answers.
struct Endpoint {
  std::string host;     // As users name it.
  std::string address;  // host[:port] to connect to.
  std::string scheme;   // "https", "http"; empty: https, then http if allowed.
  std::string path;     // Prefix before "/v2/", without a slash at its end.
  bool mirror = false;  // Gets no credentials of the registry it stands for.
};

// What the machine's owner has decided about registries: whom to trust, whom
// to reach without TLS, whom to ask first.
//
// Immutable, hence thread-safe. Certificates are read anew at each use, so
// that a new CA counts without a restart.
class RegistryPolicy {
 public:
  struct Options {
    // host[:port], or addresses "10.0.0.0/8".
    std::vector<std::string> insecure_registries;
    // Folders that hold <host[:port]>/*.crt, *.cert and *.key.
    std::vector<std::string> ca_directories;
    // "docker.io=https://mirror.example[/prefix]", in order of preference.
    std::vector<std::string> mirrors;
    // PEM bundle that a registry's own CAs are added to.
    std::string system_ca_file;
  };

  // INVALID_ARGUMENT names the entry that cannot be read.
  static absl::StatusOr<RegistryPolicy> Create(Options options);

  // Mirrors in order, then the registry itself.
  std::vector<Endpoint> EndpointsFor(const Host& host) const;
  Endpoint PrimaryEndpoint(const Host& host) const;

  // Whether plain HTTP is acceptable: loopback and insecure registries.
  bool AllowsPlainHttp(const Host& host) const;

  // How to check the server at `host`. FAILED_PRECONDITION if a certificate
  // folder cannot be read.
  absl::StatusOr<TlsTrust> TrustFor(const Host& host) const;

 private:
  explicit RegistryPolicy(Options options) : options_(std::move(options)) {}
  bool IsInsecure(const Host& host) const;

  Options options_;
  std::map<std::string, std::vector<Endpoint>> mirrors_;
};

}  // namespace tug::registryd
