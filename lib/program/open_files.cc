// SPDX-License-Identifier: Apache-2.0
#include "lib/program/open_files.h"

#include <cerrno>

#include "lib/base/log.h"
#include "lib/base/status.h"

namespace tug {
namespace {

rlimit Current() {
  rlimit limit = {};
  getrlimit(RLIMIT_NOFILE, &limit);
  return limit;
}

// Read once, at the first call of either function. The limit is the process's,
// hence so is this.
const rlimit& Given() {
  static const rlimit given = Current();
  return given;
}

}  // namespace

void RaiseOpenFileLimit() {
  rlimit raised = Given();
  raised.rlim_cur = raised.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &raised) == 0) return;
  LogIfError(ErrnoStatus(errno, "setrlimit"), "cannot raise open files");
}

rlimit GivenOpenFileLimit() { return Given(); }

}  // namespace tug
