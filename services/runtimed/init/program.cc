// SPDX-License-Identifier: Apache-2.0
//
// The exec itself, with the search along the container's PATH.
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "services/runtimed/init/steps.h"

namespace tug::runtimed {
namespace {

constexpr char kHomeKey[] = "HOME=";
constexpr char kPathKey[] = "PATH=";

// Zero pages until used.
char* arguments[kMaxArguments + 1];
char* environment[kMaxEnvironment + 2];
char home[sizeof(kHomeKey) + kMaxHomeSize];

const char* FindVariable(const char* key) {
  const size_t size = strlen(key);
  for (char** entry = environment; *entry != nullptr; ++entry) {
    if (strncmp(*entry, key, size) == 0) return *entry + size;
  }
  return nullptr;
}

void FillTable(const PlanView& plan, const PlanTable& table, char** out) {
  for (uint32_t i = 0; i < table.count; ++i) {
    out[i] = const_cast<char*>(plan.TextAt(table, i));
  }
  out[table.count] = nullptr;
}

void FillEnvironment(const InitContext& context) {
  const PlanTable& table = context.plan->environment;
  FillTable(context.plan, table, environment);
  const char* given = FindVariable(kHomeKey);
  if (given != nullptr && *given != '\0') return;
  snprintf(home, sizeof(home), "%s%s", kHomeKey, context.user.home);
  // An empty HOME is replaced, as Docker does.
  for (uint32_t i = 0; i < table.count; ++i) {
    if (strncmp(environment[i], kHomeKey, sizeof(kHomeKey) - 1) == 0) {
      environment[i] = home;
      return;
    }
  }
  environment[table.count] = home;
  environment[table.count + 1] = nullptr;
}

// -EISDIR rather than EACCES for a directory, which says more.
long Explain(const char* path, int error) {
  struct stat status = {};
  const bool directory =
      error == EACCES && stat(path, &status) == 0 && S_ISDIR(status.st_mode);
  return directory ? -EISDIR : -error;
}

long TryExec(const char* path) {
  execve(path, arguments, environment);
  return Explain(path, errno);
}

// Goes on after what a search may step over; the first refusal is kept.
bool MaySearchOn(long error) {
  return error == -ENOENT || error == -ENOTDIR || error == -EACCES ||
         error == -EISDIR || error == -ELOOP || error == -ENAMETOOLONG;
}

long Search(const char* name, const char* path) {
  long kept = -ENOENT;
  while (true) {
    const size_t size = strcspn(path, ":");
    char candidate[PATH_MAX];
    const int length = snprintf(candidate, sizeof(candidate), "%.*s/%s",
                                size == 0 ? 1 : static_cast<int>(size),
                                size == 0 ? "." : path, name);
    // A relative part of PATH would run what lies in the working directory.
    if (path[0] == '/' && length < static_cast<int>(sizeof(candidate))) {
      const long error = TryExec(candidate);
      if (!MaySearchOn(error)) return error;
      if (error == -EACCES) kept = error;
    }
    if (path[size] == '\0') return kept;
    path += size + 1;
  }
}

}  // namespace

long RunProgram(InitContext& context, LaunchStep* step) {
  const PlanView& plan = context.plan;
  FillTable(plan, plan->argv, arguments);
  FillEnvironment(context);
  const char* program = arguments[0];
  context.operand = program;
  *step = LaunchStep::kFindProgram;
  long error = -ENOENT;
  if (strchr(program, '/') != nullptr) {
    error = TryExec(program);
  } else if (const char* path = FindVariable(kPathKey);
             program[0] != '\0' && path != nullptr) {
    error = Search(program, path);
  }
  const bool missing = error == -ENOENT || error == -EACCES ||
                       error == -EISDIR || error == -ENOTDIR;
  *step = missing ? LaunchStep::kFindProgram : LaunchStep::kExec;
  return error;
}

}  // namespace tug::runtimed
