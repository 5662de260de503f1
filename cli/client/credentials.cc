// SPDX-License-Identifier: Apache-2.0
#include "cli/client/credentials.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "cli/format/json_text.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/sys/unique_fd.h"

namespace tug::cli {
namespace {

namespace json = boost::json;

constexpr size_t kMaxConfigBytes = 4 * 1024 * 1024;

std::string ConfigFolder() {
  const char* folder = std::getenv("DOCKER_CONFIG");
  if (folder != nullptr && *folder != '\0') return folder;
  const char* home = std::getenv("HOME");
  return absl::StrCat(home == nullptr ? "" : home, "/.docker");
}

std::string KeyOf(const std::string& registry) {
  return registry == "docker.io" || registry == "index.docker.io" ? kHubKey
                                                                  : registry;
}

// Docker's file names hosts with or without scheme.
bool SameRegistry(absl::string_view key, absl::string_view registry) {
  if (key == registry) return true;
  absl::ConsumePrefix(&key, "https://");
  absl::ConsumePrefix(&key, "http://");
  return key.substr(0, key.find('/')) == registry;
}

// "auth" is base64 of "user:password".
std::pair<std::string, std::string> SplitAuth(const json::value& entry) {
  std::string plain;
  if (!absl::Base64Unescape(StringMember(entry, "auth"), &plain)) return {};
  const size_t colon = plain.find(':');
  if (colon == std::string::npos) return {};
  return {plain.substr(0, colon), plain.substr(colon + 1)};
}

std::string Encode(const json::object& auth) {
  const std::string text = json::serialize(auth);
  // URL-safe, but padded, as Go's base64.URLEncoding.
  std::string encoded = absl::Base64Escape(text);
  for (char& c : encoded) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return encoded;
}

}  // namespace

std::string RegistryOf(absl::string_view image) {
  const size_t slash = image.find('/');
  if (slash == absl::string_view::npos) return "docker.io";
  const absl::string_view first = image.substr(0, slash);
  const bool is_host = absl::StrContains(first, '.') ||
                       absl::StrContains(first, ':') || first == "localhost";
  if (!is_host || first == "index.docker.io") return "docker.io";
  return std::string(first);
}

absl::StatusOr<CredentialFile> CredentialFile::Load() {
  const std::string path = absl::StrCat(ConfigFolder(), "/config.json");
  std::ifstream file(path);
  if (!file) return CredentialFile(path, {});
  std::string text(kMaxConfigBytes, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  json::error_code error;
  json::value value = json::parse(text, error);
  if (error || !value.is_object()) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " is no JSON object; mend or remove it"));
  }
  return CredentialFile(path, value.get_object());
}

const json::value* CredentialFile::Find(const std::string& registry) const {
  const json::object& auths = ObjectMember(config_, "auths");
  const std::string key = KeyOf(registry);
  if (const json::value* exact = auths.if_contains(key)) return exact;
  for (const auto& pair : auths) {
    const absl::string_view name(pair.key().data(), pair.key().size());
    if (SameRegistry(name, key)) return &pair.value();
  }
  return nullptr;
}

absl::StatusOr<std::string> CredentialFile::HeaderFor(
    const std::string& registry) const {
  const std::string key = KeyOf(registry);
  const json::value* entry = Find(registry);
  const std::string helper = StringMember(Member(config_, "credHelpers"), key);
  const std::string store = StringMember(config_, "credsStore");
  const bool stored = !helper.empty() || (!store.empty() && entry != nullptr);
  if (stored && (entry == nullptr || StringMember(*entry, "auth").empty())) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the login for ", registry, " is kept by docker-credential-",
        helper.empty() ? store : helper,
        ", which tug does not call; use `tug login ", registry, "`"));
  }
  json::object auth;
  if (entry != nullptr) {
    const auto [username, password] = SplitAuth(*entry);
    auth["username"] = username;
    auth["password"] = password;
    auth["serveraddress"] = key;
    const std::string token = StringMember(*entry, "identitytoken");
    if (!token.empty()) auth["identitytoken"] = token;
    const std::string bearer = StringMember(*entry, "registrytoken");
    if (!bearer.empty()) auth["registrytoken"] = bearer;
  }
  return Encode(auth);
}

std::string CredentialFile::UserOf(const std::string& registry) const {
  const json::value* entry = Find(registry);
  return entry == nullptr ? "" : SplitAuth(*entry).first;
}

void CredentialFile::Put(const std::string& registry,
                         const std::string& username,
                         const std::string& password,
                         const std::string& identity_token) {
  json::object entry;
  entry["auth"] = absl::Base64Escape(
      absl::StrCat(username, ":", identity_token.empty() ? password : ""));
  if (!identity_token.empty()) entry["identitytoken"] = identity_token;
  json::value& auths = config_["auths"];
  if (!auths.is_object()) auths = json::object();
  auths.get_object()[KeyOf(registry)] = std::move(entry);
}

bool CredentialFile::Erase(const std::string& registry) {
  json::value& auths = config_["auths"];
  if (!auths.is_object()) return false;
  return auths.get_object().erase(KeyOf(registry)) > 0;
}

absl::Status CredentialFile::Save() const {
  const std::string folder = path_.substr(0, path_.rfind('/'));
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return ErrnoStatus(errno, absl::StrCat("make ", folder));
  }
  const std::string aside = absl::StrCat(path_, ".new.", getpid());
  const UniqueFd fd(
      open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  const std::string text = IndentedJson(config_) + "\n";
  if (!fd || write(fd.get(), text.data(), text.size()) !=
                 static_cast<ssize_t>(text.size())) {
    return ErrnoStatus(errno, absl::StrCat("write ", aside));
  }
  if (fsync(fd.get()) != 0 || rename(aside.c_str(), path_.c_str()) != 0) {
    return ErrnoStatus(errno, absl::StrCat("replace ", path_));
  }
  return absl::OkStatus();
}

}  // namespace tug::cli
