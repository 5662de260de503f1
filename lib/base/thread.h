// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pthread.h>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tug {

// A thread for work that came from outside. Where the kernel gives no more
// threads (pthread_create(3), EAGAIN) it is RESOURCE_EXHAUSTED for one caller;
// std::thread would end the process. Joined at destruction. A Thread belongs
// to one owner at a time.
class Thread {
 public:
  static absl::StatusOr<Thread> Start(absl::AnyInvocable<void() &&> body);

  Thread() = default;
  Thread(Thread&& other) noexcept;
  Thread& operator=(Thread&& other) noexcept;
  ~Thread();

  bool joinable() const { return joinable_; }
  // Waits for the end of the body. No effect where there is no thread.
  void Join();

 private:
  pthread_t handle_ = {};
  bool joinable_ = false;
};

// The same for a thread that nobody joins: the body says itself when it ends.
absl::Status StartDetached(absl::AnyInvocable<void() &&> body);

}  // namespace tug
