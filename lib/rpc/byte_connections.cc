// SPDX-License-Identifier: Apache-2.0
#include "lib/rpc/byte_connections.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>

#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/thread.h"
#include "lib/rpc/limits.h"

namespace tug::rpc {

ByteConnections::~ByteConnections() { End(); }

void ByteConnections::Serve(UniqueFd connection) {
  UniqueFd duplicate(fcntl(connection.get(), F_DUPFD_CLOEXEC, 0));
  if (!duplicate) {
    LogIfError(ErrnoStatus(errno, "duplicate"), "dropped a byte stream");
    return;
  }
  absl::MutexLock lock(&mutex_);
  if (running_.size() >= static_cast<size_t>(kMaxByteConnections)) {
    LogWarning("dropped a byte stream: too many are open");
    return;
  }
  const uint64_t id = next_id_++;
  running_.emplace(id, std::move(duplicate));
  const absl::Status started =
      StartDetached([this, id, owned = std::move(connection)]() mutable {
        booth_.ServeConnection(std::move(owned));
        absl::MutexLock ended(&mutex_);
        running_.erase(id);
      });
  if (started.ok()) return;
  LogIfError(started, "dropped a byte stream");
  running_.erase(id);
}

void ByteConnections::End() {
  absl::MutexLock lock(&mutex_);
  for (const auto& [id, connection] : running_) {
    shutdown(connection.get(), SHUT_RDWR);
  }
  const auto none = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return running_.empty();
  };
  mutex_.Await(absl::Condition(&none));
}

}  // namespace tug::rpc
