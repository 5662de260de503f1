// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "grpcpp/support/server_callback.h"
#include "grpcpp/support/status.h"
#include "lib/base/byte_budget.h"

namespace tug::rpc {

// What waits for a caller that reads slowly.
inline constexpr Bounds kStreamBacklog = {.count = 64, .bytes = 1 << 20};

// The sending side of a server-streaming call that holds no thread, however
// long it lives: any thread writes, gRPC sends one message after the other.
//
//   auto writer = StreamWriter<Sample>::Start();
//   writer->OnEnd([registration] { ...unsubscribe... });
//   subscribe([writer](const Sample& sample) { writer->Write(sample); });
//   return writer->reactor();
//
// gRPC keeps it until the call is over; others may hold it for longer.
//
// Thread-safe.
template <typename Message>
class StreamWriter final : public grpc::ServerWriteReactor<Message> {
 public:
  static std::shared_ptr<StreamWriter> Start() {
    std::shared_ptr<StreamWriter> writer(new StreamWriter);
    writer->self_ = writer;
    return writer;
  }

  // For gRPC, as the answer of the handler.
  grpc::ServerWriteReactor<Message>* reactor() { return this; }

  // Runs once, when the caller has left or the call is over. Called before
  // reactor() is handed to gRPC. It must not block.
  void OnEnd(std::function<void()> on_end) { on_end_ = std::move(on_end); }

  // False when the message is not sent: the call is over, or the caller is too
  // far behind.
  bool Write(Message message) {
    const size_t bytes = message.SpaceUsedLong();
    {
      absl::MutexLock lock(&mutex_);
      if (outcome_.has_value() || !backlog_.TryTake(bytes)) return false;
      waiting_.push_back({std::move(message), bytes});
      if (std::exchange(busy_, true)) return true;
      TakeNext();
    }
    this->StartWrite(&current_);
    return true;
  }

  // Ends the call once all that was written is sent. The first outcome counts.
  void End(grpc::Status outcome) { End(std::move(outcome), std::nullopt); }
  // The same after a last message, which no other end can come between.
  void EndWith(Message last) { End(grpc::Status::OK, std::move(last)); }

  // Whether nothing that is written now would be sent.
  bool ended() {
    absl::MutexLock lock(&mutex_);
    return outcome_.has_value();
  }

 private:
  struct Waiting {
    Message message;
    size_t bytes;
  };

  StreamWriter() = default;

  void End(grpc::Status outcome, std::optional<Message> last) {
    {
      absl::MutexLock lock(&mutex_);
      if (outcome_.has_value()) return;
      outcome_ = std::move(outcome);
      if (last.has_value()) {
        const size_t bytes = last->SpaceUsedLong();
        backlog_.Take(bytes);
        waiting_.push_back({*std::move(last), bytes});
      }
      if (std::exchange(busy_, true)) return;
      if (!waiting_.empty()) TakeNext();
    }
    if (last.has_value()) {
      this->StartWrite(&current_);
    } else {
      this->Finish(*outcome_);
    }
  }

  void TakeNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    backlog_.Give(waiting_.front().bytes);
    current_ = std::move(waiting_.front().message);
    waiting_.pop_front();
  }

  void OnWriteDone(bool ok) override {
    bool finish = false;
    {
      absl::MutexLock lock(&mutex_);
      if (!ok) {
        waiting_.clear();
        if (!outcome_.has_value()) outcome_ = grpc::Status::CANCELLED;
      }
      if (!waiting_.empty()) {
        TakeNext();
      } else if (outcome_.has_value()) {
        finish = true;
      } else {
        busy_ = false;
        return;
      }
    }
    if (finish) {
      this->Finish(*outcome_);
    } else {
      this->StartWrite(&current_);
    }
  }

  void OnCancel() override {
    RunOnEnd();
    End(grpc::Status::CANCELLED);
  }

  void OnDone() override {
    RunOnEnd();
    // Frees this object where nobody else holds it.
    const std::shared_ptr<StreamWriter> self = std::move(self_);
  }

  void RunOnEnd() {
    std::function<void()> on_end;
    {
      absl::MutexLock lock(&mutex_);
      on_end.swap(on_end_);
    }
    if (on_end) on_end();
  }

  absl::Mutex mutex_;
  // Whether a message is being sent, or the end is.
  bool busy_ ABSL_GUARDED_BY(mutex_) = false;
  std::deque<Waiting> waiting_ ABSL_GUARDED_BY(mutex_);
  ByteBudget backlog_ ABSL_GUARDED_BY(mutex_){kStreamBacklog};
  // Never changed once it is set.
  std::optional<grpc::Status> outcome_;
  std::function<void()> on_end_;
  // The message being sent; of whoever set `busy_`.
  Message current_;
  std::shared_ptr<StreamWriter> self_;
};

}  // namespace tug::rpc
