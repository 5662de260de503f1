// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/spec/seccomp_cache.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

#include "absl/strings/str_cat.h"
#include "lib/base/id.h"
#include "lib/base/log.h"
#include "lib/base/status_macros.h"
#include "lib/sys/unique_fd.h"

namespace tug::runtimed {
namespace {

// Grows whenever the compiler would make other code of the same policy.
constexpr absl::string_view kFormat = "tug-seccomp-2\n";
constexpr size_t kMaxFile = 4 << 20;

uint64_t Fnv1a(absl::string_view text) {
  uint64_t hash = 14695981039346656037ull;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ull;
  }
  return hash;
}

std::string ReadAll(int fd) {
  std::string text;
  char buffer[65536];
  for (;;) {
    const ssize_t got = read(fd, buffer, sizeof(buffer));
    if (got <= 0 || text.size() > kMaxFile) return text;
    text.append(buffer, static_cast<size_t>(got));
  }
}

std::string FileName(const std::string& directory, const std::string& key) {
  return absl::StrCat(directory, "/", absl::Hex(Fnv1a(key), absl::kZeroPad16));
}

}  // namespace

std::string DescribePolicy(const kernel::SeccompPolicy& policy) {
  std::string text = absl::StrCat(
      kFormat, static_cast<int>(policy.default_action), " ",
      policy.default_value, " ", policy.foreign_architectures ? 1 : 0, "\n");
  for (const kernel::SeccompRule& rule : policy.rules) {
    absl::StrAppend(&text, static_cast<int>(rule.action), " ", rule.value);
    for (const kernel::SeccompArgument& argument : rule.arguments) {
      absl::StrAppend(&text, " [", argument.index, " ",
                      static_cast<int>(argument.compare), " ", argument.value,
                      " ", argument.value_two, "]");
    }
    for (const std::string& name : rule.names) {
      absl::StrAppend(&text, " ", name);
    }
    text += '\n';
  }
  return text;
}

SeccompCache::SeccompCache(std::string directory)
    : directory_(std::move(directory)) {}

absl::StatusOr<SeccompCache::Program> SeccompCache::Compiled(
    const kernel::SeccompPolicy& policy) {
  const std::string key = DescribePolicy(policy);
  {
    absl::MutexLock lock(&mutex_);
    const auto found = programs_.find(key);
    if (found != programs_.end()) return found->second;
  }
  Program program = ReadFile(key);
  if (program == nullptr) {
    ASSIGN_OR_RETURN(std::vector<sock_filter> code,
                     kernel::CompileSeccomp(policy));
    WriteFile(key, code);
    program = std::make_shared<const std::vector<sock_filter>>(std::move(code));
  }
  absl::MutexLock lock(&mutex_);
  if (programs_.size() >= kMaxPrograms) programs_.clear();
  programs_[key] = program;
  return program;
}

SeccompCache::Program SeccompCache::ReadFile(const std::string& key) const {
  const UniqueFd fd(open(FileName(directory_, key).c_str(),
                         O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd) return nullptr;
  const std::string text = ReadAll(fd.get());
  // The whole policy stands before the code: a hash alone proves nothing.
  if (text.size() <= key.size() || text.compare(0, key.size(), key) != 0) {
    return nullptr;
  }
  const size_t size = text.size() - key.size();
  if (size % sizeof(sock_filter) != 0) return nullptr;
  std::vector<sock_filter> code(size / sizeof(sock_filter));
  memcpy(code.data(), text.data() + key.size(), size);
  return std::make_shared<const std::vector<sock_filter>>(std::move(code));
}

// Failing only costs the next start of the daemon a compilation.
void SeccompCache::WriteFile(const std::string& key,
                             const std::vector<sock_filter>& code) const {
  mkdir(directory_.c_str(), 0700);
  const std::string name = FileName(directory_, key);
  const std::string draft = absl::StrCat(name, ".", ShortId(NewId()));
  const UniqueFd fd(
      open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!fd) return;
  std::string text = key;
  text.append(reinterpret_cast<const char*>(code.data()),
              code.size() * sizeof(sock_filter));
  const ssize_t written = write(fd.get(), text.data(), text.size());
  if (written != static_cast<ssize_t>(text.size()) ||
      rename(draft.c_str(), name.c_str()) != 0) {
    unlink(draft.c_str());
    LogWarning("cannot cache a seccomp program", {{"file", name}});
  }
}

}  // namespace tug::runtimed
