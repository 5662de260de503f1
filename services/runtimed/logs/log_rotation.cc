// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/logs/log_rotation.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/runtimed/spec/log_options.h"

namespace tug::runtimed {
namespace {

constexpr mode_t kLogMode = 0640;

std::string NextPath(const std::string& path) { return path + ".new"; }

}  // namespace

void FinishRotation(const std::string& path, int max_files) {
  const std::string next = NextPath(path);
  if (access(next.c_str(), F_OK) != 0) return;
  // Missing files are no error: there were fewer so far.
  for (int i = max_files - 1; i > 1; --i) {
    rename(absl::StrCat(path, ".", i - 1).c_str(),
           absl::StrCat(path, ".", i).c_str());
  }
  if (max_files > 1) rename(path.c_str(), absl::StrCat(path, ".1").c_str());
  rename(next.c_str(), path.c_str());
}

absl::Status RotateLog(Runtime& rt, const std::string& id) {
  ASSIGN_OR_RETURN(const RecordPtr record, rt.catalog.Get(id));
  const auto live = rt.live.Find(id);
  if (live == nullptr) return absl::OkStatus();
  ASSIGN_OR_RETURN(
      const LogOptions options,
      ParseLogOptions(record->container().host_config().log_config()));
  const std::string& path = record->container().log_path();
  const OperationLocks::Held held(rt.log_locks, id);
  FinishRotation(path, options.max_files);
  const UniqueFd next(open(NextPath(path).c_str(),
                           O_WRONLY | O_APPEND | O_CREAT | O_TRUNC | O_CLOEXEC,
                           kLogMode));
  if (!next) return ErrnoStatus(errno, absl::StrCat("make ", path));
  const auto answer = live->shim->Call(
      NewShimMessage(ShimMessageType::kRotateLog), {next.get()}, {});
  if (!answer.ok()) {
    unlink(NextPath(path).c_str());
    return answer.status();
  }
  FinishRotation(path, options.max_files);
  return absl::OkStatus();
}

}  // namespace tug::runtimed
