// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/logs/log_follower.h"

#include <dirent.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"
#include "lib/kv/memory_store.h"
#include "lib/testing/status_matchers.h"
#include "lib/testing/temp_dir.h"

namespace tug::runtimed {
namespace {

constexpr char kId[] = "c";

// A container that runs, its log, and readers of that.
class LogFollowerTest : public testing::Test {
 protected:
  struct Reader {
    UniqueFd socket;
    LogFollower::Id id = 0;
    absl::Notification ended;
    absl::Status outcome;

    // At least `size` bytes, or all until the end.
    std::string Read(size_t size) {
      std::string text;
      char buffer[4096];
      while (text.size() < size) {
        const ssize_t got = recv(socket.get(), buffer, sizeof(buffer), 0);
        if (got <= 0) break;
        text.append(buffer, static_cast<size_t>(got));
      }
      return text;
    }
    std::string ReadAll() { return Read(SIZE_MAX); }
  };

  LogFollowerTest() {
    ContainerRecord record;
    record.mutable_container()->set_id(kId);
    record.mutable_container()->set_name("name");
    record.mutable_container()->set_state(runtime::v1::CONTAINER_STATE_RUNNING);
    // Raw, so that a test reads what it wrote.
    record.mutable_container()->mutable_config()->set_tty(true);
    EXPECT_THAT(catalog_.Reserve(record), IsOk());
    container_ = record.container();
    auto made = LogFollower::Make();
    EXPECT_THAT(made, IsOk());
    follower_ = *std::move(made);
  }

  void Log(const std::string& text) {
    std::ofstream(path_, std::ios::app)
        << R"({"log":")" << text
        << R"(\n","stream":"stdout","time":"2026-01-02T03:04:05Z"})"
        << "\n";
  }

  std::unique_ptr<Reader> Follow(bool follow = true) {
    auto reader = std::make_unique<Reader>();
    int ends[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    reader->socket.reset(ends[0]);
    LogSelection selection;
    selection.follow = follow;
    reader->id =
        follower_->Send(catalog_, exits_, {locks_, kId, path_, 3},
                        LogEncoder(selection, container_), UniqueFd(ends[1]),
                        [r = reader.get()](const absl::Status& outcome) {
                          r->outcome = outcome;
                          r->ended.Notify();
                        });
    return reader;
  }

  LogEnd EndOfLog() {
    struct stat info = {};
    EXPECT_EQ(stat(path_.c_str(), &info), 0);
    return {info.st_ino, info.st_size};
  }

  const TempDir directory_;
  const std::string path_ = directory_.path() + "/log";
  std::unique_ptr<kv::KeyValueStore> store_ = kv::NewMemoryStore();
  ContainerCatalog catalog_{*store_};
  ExitWatch exits_;
  OperationLocks locks_;
  runtime::v1::Container container_;
  std::unique_ptr<LogFollower> follower_;
};

TEST_F(LogFollowerTest, SendsWhatThereIs) {
  Log("a");
  Log("b");
  const auto reader = Follow(/*follow=*/false);
  EXPECT_EQ(reader->ReadAll(), "a\nb\n");
  reader->ended.WaitForNotification();
  EXPECT_THAT(reader->outcome, IsOk());
}

// Issue 7, B4: compose opens a new stream for each run, and showed lines twice.
TEST_F(LogFollowerTest, EndsWithTheRunThatItFound) {
  Log("first");
  const auto reader = Follow();
  EXPECT_EQ(reader->Read(6), "first\n");
  Log("more");
  EXPECT_EQ(reader->Read(5), "more\n");
  Log("last");
  exits_.NotifyExit(kId, 0, EndOfLog());
  EXPECT_EQ(reader->ReadAll(), "last\n");
  reader->ended.WaitForNotification();
}

TEST_F(LogFollowerTest, WhatTheNextRunWritesIsNotSent) {
  Log("a");
  const LogEnd end = EndOfLog();
  const auto reader = Follow();
  EXPECT_EQ(reader->Read(2), "a\n");
  exits_.NotifyExit(kId, 0, end);
  reader->ended.WaitForNotification();
  Log("b");
  EXPECT_EQ(reader->ReadAll(), "");
}

TEST_F(LogFollowerTest, FollowsOverRotations) {
  Log("a");
  const auto reader = Follow();
  EXPECT_EQ(reader->Read(2), "a\n");
  Log("b");
  ASSERT_EQ(rename(path_.c_str(), (path_ + ".1").c_str()), 0);
  Log("c");
  EXPECT_EQ(reader->Read(4), "b\nc\n");
  follower_.reset();
}

TEST_F(LogFollowerTest, AReaderThatLeavesOrIsCancelledEnds) {
  const auto leaves = Follow();
  leaves->socket.reset();
  leaves->ended.WaitForNotification();
  const auto cancelled = Follow();
  follower_->Cancel(cancelled->id);
  cancelled->ended.WaitForNotification();
  EXPECT_THAT(cancelled->outcome, StatusIs(absl::StatusCode::kCancelled));
}

// Issue 7, A10.
TEST_F(LogFollowerTest, AThousandFollowersHoldNoThreadAndNobodyWaits) {
  const auto threads = [] {
    int count = 0;
    DIR* tasks = opendir("/proc/self/task");
    while (readdir(tasks) != nullptr) ++count;
    closedir(tasks);
    return count;
  };
  const int before = threads();
  for (int i = 0; i < 20'000; ++i) Log(std::string(100, 'x'));
  // These do not read.
  std::vector<std::unique_ptr<Reader>> idle;
  for (int i = 0; i < 300; ++i) idle.push_back(Follow());
  const auto reader = Follow(/*follow=*/false);
  EXPECT_EQ(reader->ReadAll().size(), 20'000 * 101u);
  EXPECT_EQ(threads(), before);
  // Ended before the readers that its streams tell.
  follower_.reset();
}

}  // namespace
}  // namespace tug::runtimed
