// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/logs/log_rotation.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/runtimed/logs/log_files.h"
#include "services/runtimed/spec/log_options.h"

namespace tug::runtimed {
namespace {

constexpr mode_t kLogMode = 0640;

}  // namespace

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
  const UniqueFd next(open(NextLogPath(path).c_str(),
                           O_WRONLY | O_APPEND | O_CREAT | O_TRUNC | O_CLOEXEC,
                           kLogMode));
  if (!next) return ErrnoStatus(errno, absl::StrCat("make ", path));
  const auto answer = live->shim->Call(
      NewShimMessage(ShimMessageType::kRotateLog), {next.get()}, {});
  if (!answer.ok()) {
    unlink(NextLogPath(path).c_str());
    return answer.status();
  }
  FinishRotation(path, options.max_files);
  return absl::OkStatus();
}

}  // namespace tug::runtimed
