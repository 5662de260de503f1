// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/shim/exit_facts.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "lib/sys/file.h"
#include "services/runtimed/shim/pid_list.h"

namespace tug::runtimed {
namespace {

constexpr mode_t kRecordMode = 0600;
// Rounds of reading the list of a cgroup and killing who is in it: who forks
// meanwhile is found in the next.
constexpr int kKillRounds = 16;

// "<directory of path>/<name>"
bool Sibling(const char* path, const char* name, char* out, size_t capacity) {
  const char* slash = strrchr(path, '/');
  if (slash == nullptr) return false;
  const int size = snprintf(out, capacity, "%.*s/%s",
                            static_cast<int>(slash - path), path, name);
  return size < static_cast<int>(capacity);
}

// Kills each process of one read of the list. Returns how many. A cgroup that
// we are in ourselves is not the container's own.
size_t KillListed(const char* path) {
  PidList looked_at(path);
  while (const pid_t pid = looked_at.Next()) {
    if (pid == getpid()) return 0;
  }
  size_t count = 0;
  PidList list(path);
  while (const pid_t pid = list.Next()) {
    if (pid > 1 && kill(pid, SIGKILL) == 0) ++count;
  }
  return count;
}

}  // namespace

int ExitCode(int wait_status) {
  return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status)
                                  : WEXITSTATUS(wait_status);
}

uint64_t ParseOomKills(const char* text) {
  constexpr char kKey[] = "oom_kill ";
  for (const char* line = text; line != nullptr && *line != '\0';) {
    if (strncmp(line, kKey, sizeof(kKey) - 1) == 0) {
      return strtoull(line + sizeof(kKey) - 1, nullptr, 10);
    }
    line = strchr(line, '\n');
    if (line != nullptr) ++line;
  }
  return 0;
}

uint64_t ReadOomKills(const char* path) {
  char text[1024];
  if (*path == '\0') return 0;
  if (sys::ReadFileAt(AT_FDCWD, path, text, sizeof(text)) <= 0) return 0;
  return ParseOomKills(text);
}

long WriteExitRecord(const char* path, const ExitRecord& record) {
  char temporary[PATH_MAX];
  const int size = snprintf(temporary, sizeof(temporary), "%s.new", path);
  if (size >= static_cast<int>(sizeof(temporary))) return -ENAMETOOLONG;
  const UniqueFd file(
      open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kRecordMode));
  if (!file) return -errno;
  const long error = sys::WriteAll(file.get(), &record, sizeof(record));
  if (error < 0) return error;
  return rename(temporary, path) == 0 ? 0 : -errno;
}

void KillCgroup(const PlanView& plan) {
  char path[PATH_MAX];
  if (PlanView::Present(plan->cgroup2_directory)) {
    snprintf(path, sizeof(path), "%s/cgroup.procs",
             plan.Text(plan->cgroup2_directory));
  } else if (plan->cgroup_tasks.count == 0 ||
             !Sibling(plan.TextAt(plan->cgroup_tasks, 0), "cgroup.procs", path,
                      sizeof(path))) {
    return;
  }
  for (int round = 0; round < kKillRounds; ++round) {
    if (KillListed(path) == 0) return;
  }
}

}  // namespace tug::runtimed
