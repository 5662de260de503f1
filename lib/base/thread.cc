// SPDX-License-Identifier: Apache-2.0
#include "lib/base/thread.h"

#include <memory>
#include <utility>

#include "lib/base/status.h"

namespace tug {
namespace {

using Body = absl::AnyInvocable<void() &&>;

void* RunBody(void* argument) {
  // Freed before the thread ends, and with it what the body owns.
  const std::unique_ptr<Body> body(static_cast<Body*>(argument));
  std::move (*body)();
  return nullptr;
}

absl::StatusOr<pthread_t> StartPosix(Body body) {
  auto owned = std::make_unique<Body>(std::move(body));
  pthread_t handle;
  const int error = ::pthread_create(&handle, nullptr, &RunBody, owned.get());
  if (error != 0) {
    return absl::ResourceExhaustedError(
        ErrnoStatus(error, "start a thread").message());
  }
  (void)owned.release();
  return handle;
}

}  // namespace

absl::StatusOr<Thread> Thread::Start(Body body) {
  absl::StatusOr<pthread_t> handle = StartPosix(std::move(body));
  if (!handle.ok()) return handle.status();
  Thread thread;
  thread.handle_ = *handle;
  thread.joinable_ = true;
  return thread;
}

Thread::Thread(Thread&& other) noexcept
    : handle_(other.handle_),
      joinable_(std::exchange(other.joinable_, false)) {}

Thread& Thread::operator=(Thread&& other) noexcept {
  if (this == &other) return *this;
  Join();
  handle_ = other.handle_;
  joinable_ = std::exchange(other.joinable_, false);
  return *this;
}

Thread::~Thread() { Join(); }

void Thread::Join() {
  if (!std::exchange(joinable_, false)) return;
  ::pthread_join(handle_, nullptr);
}

absl::Status StartDetached(Body body) {
  absl::StatusOr<pthread_t> handle = StartPosix(std::move(body));
  if (!handle.ok()) return handle.status();
  ::pthread_detach(*handle);
  return absl::OkStatus();
}

}  // namespace tug
