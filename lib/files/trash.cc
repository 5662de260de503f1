// SPDX-License-Identifier: Apache-2.0
#include "lib/files/trash.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "lib/base/id.h"
#include "lib/base/log.h"
#include "lib/base/status.h"

namespace tug {
namespace {

// Random bytes of a name in the trash.
constexpr size_t kNameBytes = 8;

// At most `limit` names of a directory for which `wanted` holds; `more` says
// that there are others.
std::vector<std::string> ListSome(
    int directory, size_t limit,
    const std::function<bool(const std::string&)>& wanted, bool& more) {
  std::vector<std::string> names;
  more = false;
  UniqueFd own(openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  DIR* stream = own ? fdopendir(own.get()) : nullptr;
  if (stream == nullptr) return names;
  (void)own.release();  // The stream's now.
  while (const dirent* entry = readdir(stream)) {
    const std::string name = entry->d_name;
    if (name == "." || name == ".." || !wanted(name)) continue;
    if (names.size() == limit) {
      more = true;
      break;
    }
    names.push_back(name);
  }
  closedir(stream);
  return names;
}

}  // namespace

Trash::Trash(UniqueFd directory)
    : directory_(std::move(directory)), thread_([this] { Run(); }) {}

Trash::~Trash() {
  {
    absl::MutexLock lock(&mutex_);
    closing_ = true;
  }
  thread_.join();
}

absl::Status Trash::Throw(int parent, const std::string& name) {
  std::string aside = absl::BytesToHexString(RandomBytes(kNameBytes));
  if (renameat(parent, name.c_str(), directory_.get(), aside.c_str()) != 0) {
    if (errno == ENOENT) return absl::OkStatus();
    return ErrnoStatus(
        errno, absl::StrCat("move ", absl::CHexEscape(name), " to the trash"));
  }
  absl::MutexLock lock(&mutex_);
  Remember(std::move(aside));
  return absl::OkStatus();
}

void Trash::Remember(std::string name) {
  if (waiting_.size() < kMaxRemembered) {
    waiting_.push_back(std::move(name));
  } else {
    unlisted_ = true;
  }
}

void Trash::Drain() {
  absl::MutexLock lock(&mutex_);
  const auto idle = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return waiting_.empty() && !unlisted_ && !working_;
  };
  mutex_.Await(absl::Condition(&idle));
}

void Trash::Run() {
  while (true) {
    bool list = false;
    {
      absl::MutexLock lock(&mutex_);
      working_ = !active_.empty();
      const auto woken = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
        return closing_ || working_ || unlisted_ || !waiting_.empty();
      };
      mutex_.Await(absl::Condition(&woken));
      if (closing_) return;
      working_ = true;
      list = unlisted_ && waiting_.empty();
      if (list) unlisted_ = false;  // What comes from here on says so again.
      Activate();
    }
    if (list) ListDirectory();
    if (!active_.empty()) TakeTurn();
  }
}

void Trash::Activate() {
  while (!waiting_.empty() && active_.size() < kMaxActive) {
    std::string name = std::move(waiting_.front());
    waiting_.pop_front();
    const auto same = [&](const Removal& r) { return r.name == name; };
    if (std::any_of(active_.begin(), active_.end(), same)) continue;
    TreeRemoval tree(directory_.get(), name, TreeRemoval::Deep::kFlatten,
                     &closer_);
    active_.push_back({std::move(name), std::move(tree)});
  }
}

void Trash::ListDirectory() {
  // With so many that cannot be deleted, new ones could not be told from them.
  if (failed_.size() >= kMaxRemembered) return;
  std::set<std::string> active;
  for (const Removal& removal : active_) active.insert(removal.name);
  bool more = false;
  std::vector<std::string> names = ListSome(
      directory_.get(), kMaxRemembered,
      [&](const std::string& name) {
        return active.count(name) == 0 && failed_.count(name) == 0;
      },
      more);
  absl::MutexLock lock(&mutex_);
  unlisted_ = unlisted_ || more;
  for (std::string& name : names) Remember(std::move(name));
}

void Trash::TakeTurn() {
  Removal removal = std::move(active_.front());
  active_.pop_front();
  const absl::StatusOr<bool> gone = removal.tree.Advance(kEntriesPerTurn);
  closer_.Flush();
  if (!gone.ok()) {
    LogIfError(gone.status(),
               "delete what was removed; tried again at the next start");
    if (failed_.size() < kMaxRemembered) failed_.insert(removal.name);
    return;
  }
  if (*gone) return;
  if (active_.size() >= kMaxWithStreams) removal.tree.Rest();
  active_.push_back(std::move(removal));
}

}  // namespace tug
