// SPDX-License-Identifier: Apache-2.0
//
// What shim and init cost, beside the kernel's own floors: start, exec, whole
// runs, bytes in and out. As root: shim_bench [rounds].
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>

#include "services/runtimed/shim/testing/shim_harness.h"

namespace tug::runtimed {
namespace {

using Clock = std::chrono::steady_clock;

double Milliseconds(Clock::time_point since) {
  return std::chrono::duration<double, std::milli>(Clock::now() - since)
      .count();
}

void Print(const char* name, std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const auto at = [&](double part) {
    return values[static_cast<size_t>(part * (values.size() - 1))];
  };
  printf("%-28s p50 %7.2f ms  p95 %7.2f ms\n", name, at(0.5), at(0.95));
}

void BenchRuns(int rounds) {
  TestRoot root;
  std::vector<double> starts;
  std::vector<double> runs;
  for (int i = 0; i < rounds; ++i) {
    const auto begin = Clock::now();
    ShimHarness shim(root.DefaultSpec({"/bin/true"}));
    if (shim.Start().type != ShimMessageType::kStarted) abort();
    starts.push_back(Milliseconds(begin));
    shim.ReceiveType(ShimMessageType::kExited);
    runs.push_back(Milliseconds(begin));
    shim.Acknowledge();
  }
  Print("start, own network", starts);
  Print("... to exit", runs);
}

void BenchExecs(int rounds) {
  TestRoot root;
  ShimHarness shim(root.DefaultSpec({"sleep", "1000"}));
  if (shim.Start().type != ShimMessageType::kStarted) abort();
  std::vector<double> starts;
  std::vector<double> runs;
  for (int i = 0; i < rounds; ++i) {
    const auto begin = Clock::now();
    UniqueFd stream;
    const ShimMessage started =
        shim.Exec(root.ExecSpec({"/bin/true"}), "e", kStreamStdout, &stream);
    if (started.type != ShimMessageType::kExecStarted) abort();
    starts.push_back(Milliseconds(begin));
    shim.ReceiveType(ShimMessageType::kExecExited);
    runs.push_back(Milliseconds(begin));
    shim.Send(ShimMessageType::kAckExec, 0, "e");
    shim.ReceiveType(ShimMessageType::kReply);
  }
  Print("exec", starts);
  Print("... to exit", runs);
}

// Reads to the end without keeping anything.
size_t Drain(int stream) {
  std::vector<char> buffer(1 << 20);
  size_t total = 0;
  for (;;) {
    const ssize_t count = read(stream, buffer.data(), buffer.size());
    if (count <= 0) return total;
    total += static_cast<size_t>(count);
  }
}

void BenchOutput(const char* name, bool logged, bool terminal) {
  TestRoot root;
  LaunchSpec spec = root.DefaultSpec(
      {"sh", "-c",
       logged || terminal
           ? "dd if=/dev/zero bs=1M count=100 2>/dev/null | tr '\\0' 'x'"
           : "exec dd if=/dev/zero bs=1M count=2000 2>/dev/null"});
  if (terminal) spec.flags |= kPlanTerminal;
  if (logged) {
    spec.log_type = PlanLogType::kJsonFile;
    spec.log_path = root.log_path();
  }
  ShimHarness shim(spec);
  const UniqueFd client = shim.Attach(kStreamStdout | kStreamStderr);
  const auto begin = Clock::now();
  if (shim.Start().type != ShimMessageType::kStarted) abort();
  const size_t total = Drain(client.get());
  printf("%-28s %8.0f MB/s\n", name, total / 1e3 / Milliseconds(begin));
}

void BenchInput() {
  TestRoot root;
  LaunchSpec spec = root.DefaultSpec({"cat"});
  spec.flags |= kPlanOpenStdin | kPlanStdinOnce;
  ShimHarness shim(spec);
  const UniqueFd client =
      shim.Attach(kStreamStdin | kStreamStdout | kStreamStderr);
  if (shim.Start().type != ShimMessageType::kStarted) abort();
  const auto begin = Clock::now();
  const pid_t writer = fork();
  if (writer == 0) {
    std::vector<char> bytes(1 << 20, 'x');
    for (size_t left = size_t{500} << 20; left > 0;) {
      const ssize_t count =
          write(client.get(), bytes.data(), std::min(left, bytes.size()));
      if (count <= 0) _exit(1);
      left -= static_cast<size_t>(count);
    }
    shutdown(client.get(), SHUT_WR);
    _exit(0);
  }
  const size_t total = Drain(client.get());
  printf("%-28s %8.0f MB/s\n", "in and out again",
         total / 1e3 / Milliseconds(begin));
  waitpid(writer, nullptr, 0);
}

}  // namespace
}  // namespace tug::runtimed

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? atoi(argv[1]) : 100;
  tug::runtimed::BenchRuns(rounds);
  tug::runtimed::BenchExecs(rounds);
  tug::runtimed::BenchOutput("attach, no log", false, false);
  tug::runtimed::BenchOutput("attach, json-file", true, false);
  tug::runtimed::BenchOutput("attach, terminal", false, true);
  tug::runtimed::BenchInput();
  return 0;
}
