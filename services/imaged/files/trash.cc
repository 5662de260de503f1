// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/files/trash.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/base/id.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/imaged/files/directory.h"
#include "services/imaged/files/remove_tree.h"

namespace tug::imaged {

absl::StatusOr<std::unique_ptr<Trash>> Trash::Open(int state) {
  ASSIGN_OR_RETURN(UniqueFd directory, MakeDirectory(state, "trash", 0700));
  return std::unique_ptr<Trash>(new Trash(std::move(directory)));
}

Trash::Trash(UniqueFd directory)
    : directory_(std::move(directory)), sweeper_([this] { Sweep(); }) {}

Trash::~Trash() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  sweeper_.join();
}

absl::Status Trash::Throw(int directory, const std::string& name) {
  // Names of an earlier run may still be there: the time tells them apart.
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  const std::string target =
      absl::StrCat(now.tv_sec, ".", now.tv_nsec, ".", next_.fetch_add(1));
  if (renameat(directory, name.c_str(), directory_.get(), target.c_str()) !=
      0) {
    if (errno == ENOENT) return absl::OkStatus();
    return ErrnoStatus(errno, absl::StrCat("move ", name, " to the trash"));
  }
  absl::MutexLock lock(&mutex_);
  ++thrown_;
  return absl::OkStatus();
}

void Trash::Drain() {
  absl::MutexLock lock(&mutex_);
  const uint64_t target = thrown_;
  const auto swept = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return swept_ >= target;
  };
  mutex_.Await(absl::Condition(&swept));
}

void Trash::Sweep() {
  while (true) {
    uint64_t target = 0;
    {
      absl::MutexLock lock(&mutex_);
      const auto work = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
        return stopping_ || swept_ != thrown_;
      };
      mutex_.Await(absl::Condition(&work));
      if (stopping_) return;
      target = thrown_;
    }
    SweepOnce();
    absl::MutexLock lock(&mutex_);
    swept_ = target;
  }
}

void Trash::SweepOnce() {
  absl::StatusOr<std::vector<std::string>> names = ListNames(directory_.get());
  if (!names.ok()) return LogIfError(names.status(), "list the trash");
  for (const std::string& name : *names) {
    {
      absl::MutexLock lock(&mutex_);
      if (stopping_) return;
    }
    LogIfError(RemoveTree(directory_.get(), name), "empty the trash");
  }
}

}  // namespace tug::imaged
