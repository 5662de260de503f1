// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/pins/pin_set.h"

namespace tug::imaged {
namespace {

// Stands for all digests; no content has it.
oci::Digest Everything() { return oci::Digest(); }

}  // namespace

void PinSet::Scope::AddEverything() { Add(Everything()); }

PinSet::Scope::~Scope() { set_.Unpin(digests_); }

void PinSet::Scope::Add(const oci::Digest& digest) {
  set_.Pin(digest);
  digests_.push_back(digest);
}

void PinSet::Pin(const oci::Digest& digest) {
  absl::MutexLock lock(&mutex_);
  const auto allowed = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return digest == Everything() ? doomed_.empty()
                                  : doomed_.count(digest) == 0;
  };
  mutex_.Await(absl::Condition(&allowed));
  ++pins_[digest];
}

void PinSet::Unpin(const std::vector<oci::Digest>& digests) {
  absl::MutexLock lock(&mutex_);
  for (const oci::Digest& digest : digests) {
    if (collecting_) {
      released_.push_back(digest);
    } else {
      Drop(digest);
    }
  }
}

void PinSet::Drop(const oci::Digest& digest) {
  const auto found = pins_.find(digest);
  if (found != pins_.end() && --found->second == 0) pins_.erase(found);
}

void PinSet::BeginCollection() {
  absl::MutexLock lock(&mutex_);
  const auto free = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return !collecting_;
  };
  mutex_.Await(absl::Condition(&free));
  collecting_ = true;
}

void PinSet::EndCollection() {
  absl::MutexLock lock(&mutex_);
  collecting_ = false;
  for (const oci::Digest& digest : released_) Drop(digest);
  released_.clear();
}

bool PinSet::Doom(const oci::Digest& digest) {
  absl::MutexLock lock(&mutex_);
  if (pins_.count(digest) > 0 || pins_.count(Everything()) > 0) return false;
  doomed_.insert(digest);
  return true;
}

void PinSet::Spare(const oci::Digest& digest) {
  absl::MutexLock lock(&mutex_);
  doomed_.erase(digest);
}

}  // namespace tug::imaged
