// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/lifecycle/list_processes.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/base/utf8.h"
#include "services/runtimed/containers/state_machine.h"
#include "services/runtimed/events/container_events.h"

namespace tug::runtimed {
namespace {

// Most of ps's output that is read.
constexpr size_t kMaxOutput = 8 << 20;
constexpr absl::Duration kTimeout = absl::Seconds(30);

absl::Status PsError(absl::string_view text) {
  return WithReason(absl::InvalidArgumentError(text), "PS_ARGUMENTS");
}

// Reads until the end of the pipe, the deadline, or too much.
absl::StatusOr<std::string> ReadOutput(int fd) {
  const absl::Time deadline = absl::Now() + kTimeout;
  std::string output;
  char buffer[65536];
  for (;;) {
    pollfd state = {fd, POLLIN, 0};
    const auto left =
        static_cast<int>(absl::ToInt64Milliseconds(deadline - absl::Now()));
    if (left <= 0 || poll(&state, 1, left) == 0) {
      return absl::DeadlineExceededError("ps does not end");
    }
    const ssize_t got = read(fd, buffer, sizeof(buffer));
    if (got == -1 && errno == EINTR) continue;
    if (got <= 0) return output;
    output.append(buffer, static_cast<size_t>(got));
    if (output.size() > kMaxOutput) return PsError("ps: too much output");
  }
}

absl::StatusOr<std::string> RunPs(const std::string& program,
                                  const std::vector<std::string>& arguments) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return ErrnoStatus(errno, "make a pipe");
  const UniqueFd output(ends[0]);
  UniqueFd input(ends[1]);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, input.get(), 1);
  posix_spawn_file_actions_adddup2(&actions, input.get(), 2);
  std::vector<char*> argv;
  std::string name = "ps";
  argv.push_back(name.data());
  std::vector<std::string> words = arguments;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::string path = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
  char* environment[] = {path.data(), nullptr};
  pid_t pid = 0;
  const int error = posix_spawn(&pid, program.c_str(), &actions, nullptr,
                                argv.data(), environment);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return ErrnoStatus(error, absl::StrCat("run ", program));
  input.reset();
  absl::StatusOr<std::string> text = ReadOutput(output.get());
  if (!text.ok()) kill(pid, SIGKILL);
  int status = 0;
  while (waitpid(pid, &status, 0) == -1 && errno == EINTR) {
  }
  if (!text.ok()) return text;
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    // Its first line says why, the rest how to use it.
    const absl::string_view why = absl::StripAsciiWhitespace(*text);
    return PsError(absl::StrCat("ps: ", why.substr(0, why.find('\n'))));
  }
  return text;
}

// The last column takes the rest of the line: commands have spaces.
std::vector<std::string> Cells(absl::string_view line, size_t columns) {
  std::vector<std::string> words =
      absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
  if (words.size() <= columns || columns == 0) return words;
  std::vector<std::string> cells(
      words.begin(), words.begin() + static_cast<long>(columns) - 1);
  cells.push_back(absl::StrJoin(words.begin() + static_cast<long>(columns) - 1,
                                words.end(), " "));
  return cells;
}

}  // namespace

absl::StatusOr<runtime::v1::ListProcessesResponse> ParseProcesses(
    absl::string_view output, const std::vector<int>& pids) {
  // A process calls itself whatever it likes.
  const std::string text = Presentable(output, output.size());
  const std::vector<absl::string_view> lines =
      absl::StrSplit(text, '\n', absl::SkipEmpty());
  if (lines.empty()) return PsError("ps printed nothing");
  runtime::v1::ListProcessesResponse response;
  for (std::string& title : Cells(lines[0], 0)) {
    response.add_titles(std::move(title));
  }
  const auto& titles = response.titles();
  const auto pid_title = std::find(titles.begin(), titles.end(), "PID");
  if (pid_title == titles.end()) {
    return PsError("Couldn't find PID field in ps output");
  }
  const auto column = static_cast<size_t>(pid_title - titles.begin());
  const std::set<int> wanted(pids.begin(), pids.end());
  for (size_t i = 1; i < lines.size(); ++i) {
    std::vector<std::string> cells =
        Cells(lines[i], static_cast<size_t>(titles.size()));
    int pid = 0;
    if (column >= cells.size() || !absl::SimpleAtoi(cells[column], &pid) ||
        !wanted.contains(pid)) {
      continue;
    }
    auto* row = response.add_rows();
    for (std::string& cell : cells) row->add_cells(std::move(cell));
  }
  return response;
}

absl::StatusOr<runtime::v1::ListProcessesResponse> ListProcesses(
    Runtime& rt, const runtime::v1::ListProcessesRequest& request) {
  ASSIGN_OR_RETURN(const RecordPtr record, rt.catalog.Get(request.id()));
  if (!HasProcess(record->container().state())) {
    return NotRunningError(request.id());
  }
  ASSIGN_OR_RETURN(const auto group, rt.cgroups.Open(record->cgroup_path()));
  ASSIGN_OR_RETURN(const std::vector<int> pids, group->Processes());
  const std::vector<std::string> arguments =
      absl::StrSplit(request.ps_args().empty() ? "-ef" : request.ps_args(), ' ',
                     absl::SkipEmpty());
  ASSIGN_OR_RETURN(const std::string output,
                   RunPs(rt.config.ps_path(), arguments));
  PublishContainerEvent(rt.events, record->container(), "top");
  return ParseProcesses(output, pids);
}

}  // namespace tug::runtimed
