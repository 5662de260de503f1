// SPDX-License-Identifier: Apache-2.0
#include "services/netd/namespaces/namespace_pool.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "lib/base/log.h"
#include "lib/base/status.h"

namespace tug::netd {

std::unique_ptr<NamespacePool> NamespacePool::Start(const Sizes& sizes) {
  return absl::WrapUnique(new NamespacePool(sizes));
}

NamespacePool::NamespacePool(const Sizes& sizes) {
  with_interface_.size = std::min(sizes.with_interface, kMaxSize);
  bare_.size = std::min(sizes.bare, kMaxSize);
  thread_ = std::thread([this] { Run(); });
}

NamespacePool::~NamespacePool() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

absl::StatusOr<ReadyNamespace> NamespacePool::Take(bool with_interface) {
  absl::MutexLock lock(&mutex_);
  Shelf& shelf = with_interface ? with_interface_ : bare_;
  const auto available = [&]() { return !shelf.ready.empty() || stopping_; };
  ++shelf.wanted;
  const bool in_time =
      mutex_.AwaitWithTimeout(absl::Condition(&available), kPatience);
  --shelf.wanted;
  if (!in_time || shelf.ready.empty()) {
    return WithReason(absl::UnavailableError(absl::StrCat(
                          "no network namespace: ", last_failure_.message())),
                      "NAMESPACES_EXHAUSTED");
  }
  last_taken_ = absl::Now();
  ReadyNamespace taken = std::move(shelf.ready.front());
  shelf.ready.pop_front();
  return taken;
}

NamespacePool::Shelf* NamespacePool::Neediest() {
  for (Shelf* shelf : {&with_interface_, &bare_}) {
    if (shelf->wanted > shelf->ready.size()) return shelf;
  }
  const absl::Duration pause = absl::Now() - last_taken_;
  if (pause < kBreath) return nullptr;
  const bool quiet = pause >= kQuiet;
  for (Shelf* shelf : {&with_interface_, &bare_}) {
    const size_t enough = quiet ? shelf->size : shelf->size / 2;
    if (shelf->ready.size() < enough) return shelf;
  }
  return nullptr;
}

bool NamespacePool::IsFull() {
  return with_interface_.ready.size() >= with_interface_.size &&
         bare_.ready.size() >= bare_.size;
}

void NamespacePool::Run() {
  auto maker = NamespaceMaker::Open();
  absl::MutexLock lock(&mutex_);
  for (;;) {
    const bool full = IsFull();
    const auto due = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return stopping_ || Neediest() != nullptr || IsFull() != full;
    };
    // Time alone can make a refill due.
    mutex_.AwaitWithTimeout(absl::Condition(&due),
                            full ? absl::InfiniteDuration() : kBreath);
    if (stopping_) return;
    Shelf* const shelf = Neediest();
    if (shelf == nullptr) continue;
    const bool with_interface = shelf == &with_interface_;
    mutex_.Unlock();
    absl::StatusOr<ReadyNamespace> made =
        maker.ok() ? maker->Make(with_interface)
                   : absl::StatusOr<ReadyNamespace>(maker.status());
    mutex_.Lock();
    if (made.ok()) {
      shelf->ready.push_back(*std::move(made));
      continue;
    }
    last_failure_ = made.status();
    LogIfError(made.status(), "make network namespace ahead");
    mutex_.AwaitWithTimeout(absl::Condition(&stopping_), kRetry);
    if (!maker.ok()) maker = NamespaceMaker::Open();
  }
}

}  // namespace tug::netd
