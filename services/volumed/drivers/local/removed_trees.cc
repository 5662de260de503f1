// SPDX-License-Identifier: Apache-2.0
#include "services/volumed/drivers/local/removed_trees.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>

#include <cerrno>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "lib/base/id.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "services/volumed/drivers/local/directory_tree.h"

namespace tug::volumed {
namespace {

constexpr size_t kNameBytes = 8;

std::deque<std::string> Leftovers(int directory) {
  std::deque<std::string> names;
  const int own = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* stream = own < 0 ? nullptr : fdopendir(own);
  if (stream == nullptr) return names;
  while (const dirent* entry = readdir(stream)) {
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  }
  closedir(stream);
  return names;
}

}  // namespace

RemovedTrees::RemovedTrees(UniqueFd directory)
    : directory_(std::move(directory)), names_(Leftovers(directory_.get())) {
  thread_ = std::thread([this] { Run(); });
}

RemovedTrees::~RemovedTrees() {
  {
    absl::MutexLock lock(&mutex_);
    closing_ = true;
  }
  thread_.join();
}

absl::Status RemovedTrees::Take(int parent, const std::string& name) {
  const std::string aside = absl::BytesToHexString(RandomBytes(kNameBytes));
  if (renameat(parent, name.c_str(), directory_.get(), aside.c_str()) != 0) {
    if (errno == ENOENT) return absl::OkStatus();
    return ErrnoStatus(errno, absl::StrCat("remove ", name));
  }
  Enqueue(aside);
  return absl::OkStatus();
}

void RemovedTrees::Enqueue(std::string name) {
  absl::MutexLock lock(&mutex_);
  names_.push_back(std::move(name));
}

void RemovedTrees::Drain() {
  absl::MutexLock lock(&mutex_);
  const auto idle = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return names_.empty() && !working_;
  };
  mutex_.Await(absl::Condition(&idle));
}

void RemovedTrees::Run() {
  while (true) {
    std::string name;
    {
      absl::MutexLock lock(&mutex_);
      working_ = false;
      const auto woken = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
        return closing_ || !names_.empty();
      };
      mutex_.Await(absl::Condition(&woken));
      if (closing_) return;
      name = std::move(names_.front());
      names_.pop_front();
      working_ = true;
    }
    LogIfError(RemoveTree(directory_.get(), name),
               "delete a removed volume; tried again at the next start");
  }
}

}  // namespace tug::volumed
