// SPDX-License-Identifier: Apache-2.0
#include "services/registryd/client/registry_policy.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"

namespace tug::registryd {
namespace {

// Bounds of a certificate folder.
constexpr size_t kMaxCertificateFiles = 64;
constexpr std::uintmax_t kMaxCertificateBytes = 1024 * 1024;

// An IP address as 4 or 16 bytes; empty if `text` is none.
std::string AddressBytes(const std::string& text) {
  unsigned char bytes[16];
  if (inet_pton(AF_INET, text.c_str(), bytes) == 1) {
    return std::string(reinterpret_cast<char*>(bytes), 4);
  }
  if (inet_pton(AF_INET6, text.c_str(), bytes) == 1) {
    return std::string(reinterpret_cast<char*>(bytes), 16);
  }
  return "";
}

struct Prefix {
  std::string address;
  size_t bits = 0;
};

absl::StatusOr<Prefix> ParsePrefix(absl::string_view text) {
  const std::vector<std::string> parts = absl::StrSplit(text, '/');
  Prefix prefix;
  if (parts.size() == 2) prefix.address = AddressBytes(parts[0]);
  if (prefix.address.empty() || !absl::SimpleAtoi(parts[1], &prefix.bits) ||
      prefix.bits > prefix.address.size() * 8) {
    return absl::InvalidArgumentError(
        absl::StrCat("insecure-registries: \"", text,
                     "\" is neither host[:port] nor address/bits"));
  }
  return prefix;
}

bool Contains(const Prefix& prefix, const std::string& address) {
  if (address.size() != prefix.address.size()) return false;
  for (size_t bit = 0; bit < prefix.bits; ++bit) {
    const int difference = address[bit / 8] ^ prefix.address[bit / 8];
    if ((difference >> (7 - bit % 8)) & 1) return false;
  }
  return true;
}

// "docker.io=https://mirror.example/prefix".
absl::Status AddMirror(absl::string_view entry,
                       std::map<std::string, std::vector<Endpoint>>& mirrors) {
  const std::pair<absl::string_view, absl::string_view> sides =
      absl::StrSplit(entry, absl::MaxSplits('=', 1));
  absl::string_view rest = sides.second;
  Endpoint endpoint;
  endpoint.mirror = true;
  endpoint.scheme = absl::ConsumePrefix(&rest, "https://")  ? "https"
                    : absl::ConsumePrefix(&rest, "http://") ? "http"
                                                            : "";
  const auto host = ParseHost(sides.first);
  const size_t slash = std::min(rest.find('/'), rest.size());
  const auto address = ParseHost(rest.substr(0, slash));
  if (endpoint.scheme.empty() || !host.ok() || !address.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "mirrors: \"", entry, "\" is not registry=http[s]://host[:port]"));
  }
  endpoint.host = address->text;
  endpoint.address = address->text;
  endpoint.path = std::string(absl::StripSuffix(rest.substr(slash), "/"));
  mirrors[host->text].push_back(std::move(endpoint));
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadCertificate(const std::filesystem::path& path) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (error || size > kMaxCertificateBytes) {
    return absl::FailedPreconditionError(absl::StrCat(
        "read ", path.native(), ": ",
        error ? error.message() : "larger than a certificate may be"));
  }
  std::ifstream file(path);
  std::string text((std::istreambuf_iterator<char>(file)),
                   std::istreambuf_iterator<char>());
  if (!file || !absl::StrContains(text, "-----BEGIN ")) {
    return absl::FailedPreconditionError(absl::StrCat(
        "read ", path.native(), ": not readable or no PEM certificate"));
  }
  return absl::StrCat(text, "\n");
}

// Adds what one <host> folder holds.
absl::Status AddFolder(const std::filesystem::path& folder, TlsTrust& trust,
                       std::string& authorities) {
  std::error_code error;
  std::vector<std::filesystem::path> files;
  for (std::filesystem::directory_iterator it(folder, error), end;
       !error && it != end; it.increment(error)) {
    files.push_back(it->path());
    if (files.size() > kMaxCertificateFiles) {
      return absl::FailedPreconditionError(
          absl::StrCat(folder.native(), " has too many files"));
    }
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    return absl::FailedPreconditionError(
        absl::StrCat("read ", folder.native(), ": ", error.message()));
  }
  std::sort(files.begin(), files.end());
  for (const std::filesystem::path& file : files) {
    if (file.extension() == ".crt") {
      ASSIGN_OR_RETURN(const std::string text, ReadCertificate(file));
      authorities += text;
    } else if (file.extension() == ".cert") {
      trust.client_certificate = file;
      std::filesystem::path key = file;
      trust.client_key = key.replace_extension(".key");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<RegistryPolicy> RegistryPolicy::Create(Options options) {
  RegistryPolicy policy(std::move(options));
  for (const std::string& entry : policy.options_.insecure_registries) {
    if (absl::StrContains(entry, '/')) {
      RETURN_IF_ERROR(ParsePrefix(entry).status());
    } else if (!ParseHost(entry).ok()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "insecure-registries: \"", entry, "\" is no host[:port]"));
    }
  }
  for (const std::string& entry : policy.options_.mirrors) {
    RETURN_IF_ERROR(AddMirror(entry, policy.mirrors_));
  }
  return policy;
}

Endpoint RegistryPolicy::PrimaryEndpoint(const Host& host) const {
  Endpoint endpoint;
  endpoint.host = host.text;
  endpoint.address = ApiAddress(host);
  return endpoint;
}

std::vector<Endpoint> RegistryPolicy::EndpointsFor(const Host& host) const {
  std::vector<Endpoint> endpoints;
  const auto found = mirrors_.find(host.text);
  if (found != mirrors_.end()) endpoints = found->second;
  endpoints.push_back(PrimaryEndpoint(host));
  return endpoints;
}

bool RegistryPolicy::IsInsecure(const Host& host) const {
  const std::string address = AddressBytes(host.hostname);
  for (const std::string& entry : options_.insecure_registries) {
    if (absl::EqualsIgnoreCase(entry, host.text)) return true;
    if (address.empty() || !absl::StrContains(entry, '/')) continue;
    if (Contains(*ParsePrefix(entry), address)) return true;
  }
  return false;
}

bool RegistryPolicy::AllowsPlainHttp(const Host& host) const {
  return IsLoopback(host.hostname) || IsInsecure(host);
}

absl::StatusOr<TlsTrust> RegistryPolicy::TrustFor(const Host& host) const {
  TlsTrust trust;
  std::string authorities;
  for (const std::string& directory : options_.ca_directories) {
    RETURN_IF_ERROR(AddFolder(std::filesystem::path(directory) / host.text,
                              trust, authorities));
  }
  // Who named a CA for a loopback registry wants it checked; without one, its
  // certificate is taken as it comes, as Docker does.
  trust.verify =
      !IsInsecure(host) && !(IsLoopback(host.hostname) && authorities.empty());
  if (authorities.empty()) return trust;
  const auto system = ReadCertificate(options_.system_ca_file);
  trust.ca_bundle = absl::StrCat(authorities, system.ok() ? *system : "");
  return trust;
}

}  // namespace tug::registryd
