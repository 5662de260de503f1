// SPDX-License-Identifier: Apache-2.0
#include "lib/rpc/byte_connections.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include "lib/base/fair_share.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/thread.h"

namespace tug::rpc {

ByteConnections::~ByteConnections() { End(); }

void ByteConnections::Serve(UniqueFd connection, uid_t uid) {
  UniqueFd duplicate(fcntl(connection.get(), F_DUPFD_CLOEXEC, 0));
  if (!duplicate) {
    LogIfError(ErrnoStatus(errno, "duplicate"), "dropped a byte stream");
    return;
  }
  absl::MutexLock lock(&mutex_);
  if (!MakeRoom(uid)) {
    LogWarning("dropped a byte stream: too many are open");
    return;
  }
  const uint64_t id = next_id_++;
  running_.emplace(
      id,
      Running{.connection = std::move(duplicate),
              .uid = uid,
              .waiting_since =
                  std::chrono::steady_clock::now().time_since_epoch().count()});
  const absl::Status started =
      StartDetached([this, id, owned = std::move(connection)]() mutable {
        Run(id, std::move(owned));
      });
  if (started.ok()) return;
  LogIfError(started, "dropped a byte stream");
  running_.erase(id);
}

void ByteConnections::Run(uint64_t id, UniqueFd connection) {
  booth_.ServeConnection(std::move(connection), [this, id] {
    absl::MutexLock lock(&mutex_);
    running_.at(id).waiting_since = 0;
  });
  absl::MutexLock lock(&mutex_);
  const auto ended = running_.find(id);
  if (ended->second.leaves) --leaving_;
  running_.erase(ended);
}

bool ByteConnections::MakeRoom(uid_t uid) {
  if (running_.size() - leaving_ < limit_) return true;
  // Each that leaves still has a thread for a moment.
  if (leaving_ >= limit_) return false;
  std::vector<PlaceHolder> places;
  std::vector<Running*> holders;
  for (auto& [id, one] : running_) {
    if (one.leaves) continue;
    places.push_back({static_cast<int64_t>(one.uid), one.waiting_since});
    holders.push_back(&one);
  }
  const std::optional<size_t> chosen =
      ChooseWhoLeaves(places, static_cast<int64_t>(uid));
  if (!chosen.has_value()) return false;
  holders[*chosen]->leaves = true;
  ++leaving_;
  shutdown(holders[*chosen]->connection.get(), SHUT_RDWR);
  return true;
}

void ByteConnections::End() {
  absl::MutexLock lock(&mutex_);
  for (const auto& [id, one] : running_) {
    shutdown(one.connection.get(), SHUT_RDWR);
  }
  const auto none = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return running_.empty();
  };
  mutex_.Await(absl::Condition(&none));
}

}  // namespace tug::rpc
