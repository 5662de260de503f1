// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/containers/operation_locks.h"

namespace tug::runtimed {

OperationLocks::Held::Held(OperationLocks& owner,
                           std::string id) ABSL_NO_THREAD_SAFETY_ANALYSIS
    : owner_(owner),
      id_(std::move(id)) {
  {
    absl::MutexLock lock(&owner_.mutex_);
    std::unique_ptr<Entry>& entry = owner_.entries_[id_];
    if (entry == nullptr) entry = std::make_unique<Entry>();
    ++entry->users;
    mutex_ = &entry->mutex;
  }
  mutex_->Lock();
}

OperationLocks::Held::~Held() ABSL_NO_THREAD_SAFETY_ANALYSIS {
  mutex_->Unlock();
  absl::MutexLock lock(&owner_.mutex_);
  const auto found = owner_.entries_.find(id_);
  if (--found->second->users == 0) owner_.entries_.erase(found);
}

}  // namespace tug::runtimed
