// SPDX-License-Identifier: Apache-2.0
#include "services/registryd/rights.h"

#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "lib/confine/confine.h"
#include "lib/program/listen_fds.h"

namespace tug::registryd {
namespace {

namespace fs = std::filesystem;

// Links of a folder of certificates that are followed.
constexpr size_t kMaxLinks = 1024;

// Where resolv.conf may point to.
constexpr const char* kResolvers[] = {"/run/systemd/resolve", "/run/resolvconf",
                                      "/run/NetworkManager"};

// The folder, and what its links <host>/<file> point to.
void AddCertificates(const std::string& folder, std::vector<FileRule>& files) {
  files.push_back({folder, FileAccess::kRead});
  std::error_code error;
  size_t links = 0;
  for (fs::recursive_directory_iterator entry(folder, error), end;
       !error && entry != end && links < kMaxLinks; entry.increment(error)) {
    std::error_code ignored;
    if (!entry->is_symlink(ignored)) continue;
    ++links;
    const fs::path target = fs::canonical(entry->path(), ignored);
    if (!ignored) files.push_back({target.native(), FileAccess::kRead});
  }
}

}  // namespace

absl::Status KeepNeededRights(const Config& config) {
  std::vector<FileRule> files = SystemFileRules();
  AddCertificates(config.ca_directory(), files);
  for (const std::string& more : config.more_ca_directories()) {
    AddCertificates(more, files);
  }
  files.push_back({config.system_ca_file(), FileAccess::kRead});
  for (const char* resolver : kResolvers) {
    files.push_back({resolver, FileAccess::kRead});
  }
  unsigned calls = kInternetCalls;
  // Without tugd its sockets are still to be made.
  if (!HasListenFds()) {
    files.push_back({config.run_directory(), FileAccess::kOwn});
    calls |= kFileCalls;
  }
  return Confine({.files = std::move(files), .calls = calls});
}

}  // namespace tug::registryd
