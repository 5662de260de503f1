// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/lastknown/last_known.h"

#include <atomic>
#include <string>

#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"
#include "proto/tug/volume/v1/volume.pb.h"
#include "services/gatewayd/lastknown/patient_read.h"

namespace tug::gatewayd {
namespace {

using volume::v1::Volume;
using Known = LastKnown<Volume>;

Volume Named(const std::string& name, const std::string& driver) {
  Volume volume;
  volume.set_name(name);
  volume.set_driver(driver);
  return volume;
}

// A service that can be stopped and changed.
class Service {
 public:
  Known::ReadAll All() {
    return [this]() -> absl::StatusOr<Known::Objects> {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(&running_));
      return objects_;
    };
  }
  Known::ReadOne One() {
    return [this](const std::string& key) -> absl::StatusOr<Volume> {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(&running_));
      const auto found = objects_.find(key);
      if (found == objects_.end()) return absl::NotFoundError(key);
      return found->second;
    };
  }
  // What a call with little time is answered.
  absl::StatusOr<std::vector<Volume>> Ask() {
    absl::MutexLock lock(&mutex_);
    const absl::Duration limit = ScopedCallDeadline::Limit(absl::Seconds(30));
    if (!mutex_.AwaitWithTimeout(absl::Condition(&running_), limit)) {
      return absl::DeadlineExceededError("hangs");
    }
    std::vector<Volume> all;
    for (const auto& [name, volume] : objects_) all.push_back(volume);
    return all;
  }
  void Put(const std::string& name, const std::string& driver) {
    absl::MutexLock lock(&mutex_);
    objects_[name] = Named(name, driver);
  }
  void Run(bool running) {
    absl::MutexLock lock(&mutex_);
    running_ = running;
  }

 private:
  absl::Mutex mutex_;
  bool running_ ABSL_GUARDED_BY(mutex_) = true;
  Known::Objects objects_ ABSL_GUARDED_BY(mutex_);
};

// Waits until all changes have been read.
std::vector<Volume> Settled(const Known& known) {
  for (;;) {
    const auto all = known.All();
    if (all.has_value()) return *all;
    absl::SleepFor(absl::Milliseconds(1));
  }
}

TEST(LastKnownTest, ReadsAgainWhatHasChanged) {
  Service service;
  service.Put("a", "one");
  Known known(service.All(), service.One());
  ASSERT_EQ(Settled(known).size(), 1u);
  service.Put("a", "two");
  service.Put("b", "one");
  known.TellChanged("a");
  known.TellChanged("b");
  EXPECT_FALSE(known.All().has_value());
  const auto all = Settled(known);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].driver(), "two");
}

// Issue 7, A17.
TEST(LastKnownTest, AnswersAtOnceWhileTheServiceHangs) {
  Service service;
  service.Put("a", "one");
  Known known(service.All(), service.One());
  Settled(known);
  service.Run(false);
  const absl::Time begin = absl::Now();
  const auto answer =
      ReadOrLastKnown<Volume>(known, [&] { return service.Ask(); });
  EXPECT_LT(absl::Now() - begin, absl::Seconds(5));
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->size(), 1u);
  service.Run(true);
}

TEST(LastKnownTest, AChangeThatWasNotReadIsWaitedForWhileItMayBe) {
  Service service;
  service.Put("a", "one");
  Known known(service.All(), service.One());
  Settled(known);
  service.Run(false);
  known.TellChanged("a");
  EXPECT_FALSE(known.All().has_value());
  // Then it hangs, and the old is better than nothing.
  const absl::Time begin = absl::Now();
  EXPECT_EQ(Settled(known).size(), 1u);
  EXPECT_GE(absl::Now() - begin, kOverdue / 2);
  service.Run(true);
}

TEST(LastKnownTest, TooMuchIsNotKept) {
  Service service;
  for (int i = 0; i < 40; ++i) {
    service.Put(std::to_string(i), std::string(1 << 20, 'x'));
  }
  absl::Notification read;
  Known known(
      [&, all = service.All()]() {
        auto objects = all();
        if (!read.HasBeenNotified()) read.Notify();
        return objects;
      },
      service.One());
  read.WaitForNotification();
  EXPECT_FALSE(known.All().has_value());
}

}  // namespace
}  // namespace tug::gatewayd
