// SPDX-License-Identifier: Apache-2.0
//
// The supervisor with shell scripts for services.
#include "services/tugd/supervisor.h"

#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "lib/testing/status_matchers.h"
#include "lib/testing/temp_dir.h"

namespace tug::tugd {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(10);

// Appends its pid to <name>.pids and waits; says when SIGTERM ends it.
constexpr char kScript[] = R"(#!/bin/sh
cd "${0%/*}"
name="${0##*/}"
trap 'echo "$name" >> ended; exit 0' TERM
cat "$2" > "$name.config"
echo "$LISTEN_FDS $LISTEN_FDNAMES $TUGD_PID" > "$name.env"
echo $$ >> "$name.pids"
while :; do sleep 0.05; done
)";

class SupervisorTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGTERM, SIGINT, SIGCHLD}) {
      sigaddset(&signals, signal);
    }
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  }

  Child MakeChild(const char* name) {
    const std::string program = directory_.Write(name, kScript);
    chmod(program.c_str(), 0700);
    TugdConfig config;
    config.set_run_directory(directory_.path());
    auto sockets = OpenSockets(*FindService(name), config, getegid());
    EXPECT_THAT(sockets, IsOk());
    return Child({FindService(name), program, "{\"k\":1}", "info", Account(),
                  *std::move(sockets)});
  }

  std::vector<std::string> Lines(const std::string& name) {
    std::ifstream file(directory_.path() + "/" + name);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }

  void WaitForLines(const std::string& name, size_t count) {
    const absl::Time deadline = absl::Now() + kPatience;
    while (Lines(name).size() < count && absl::Now() < deadline) {
      absl::SleepFor(absl::Milliseconds(10));
    }
    ASSERT_EQ(Lines(name).size(), count) << name;
  }

  TempDir directory_;
};

TEST_F(SupervisorTest, StartsAgainWhatDiesAndEndsTheGatewayFirst) {
  std::vector<Child> children;
  children.push_back(MakeChild("netd"));
  children.push_back(MakeChild("gatewayd"));
  Supervisor supervisor(std::move(children), {kPatience, [] {}});
  std::thread runner([&] { EXPECT_THAT(supervisor.Run(), IsOk()); });
  WaitForLines("netd.pids", 1);
  WaitForLines("gatewayd.pids", 1);
  EXPECT_EQ(Lines("netd.config").at(0), "{\"k\":1}");
  EXPECT_EQ(Lines("netd.env").at(0), absl::StrCat("2 rpc:bytes ", getpid()));
  EXPECT_EQ(Lines("gatewayd.env").at(0), absl::StrCat("1 rest ", getpid()));
  kill(std::stoi(Lines("netd.pids").at(0)), SIGKILL);
  WaitForLines("netd.pids", 2);
  kill(getpid(), SIGTERM);
  runner.join();
  EXPECT_EQ(Lines("ended"), (std::vector<std::string>{"gatewayd", "netd"}));
}

}  // namespace
}  // namespace tug::tugd
