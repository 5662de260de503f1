// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/logs/log_stream.h"

#include <sys/socket.h>

#include <atomic>
#include <cerrno>
#include <string>
#include <utility>

#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/base/thread.h"
#include "services/runtimed/logs/log_cursor.h"
#include "services/runtimed/spec/log_options.h"

namespace tug::runtimed {
namespace {

constexpr size_t kFlushSize = 64 << 10;
// More rounds than this mean that the log grows faster than the client reads.
constexpr int kConnectRounds = 10000;

std::atomic<int> log_threads{0};

absl::Status SendAll(int out, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(out, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent == -1 && errno == EINTR) continue;
    if (sent == -1) return ErrnoStatus(errno, "write the log to its reader");
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return absl::OkStatus();
}

// Sends whole lines until the present end of the log.
absl::Status SendLines(LogCursor& cursor, const LogEncoder& encoder, int out) {
  std::string piece;
  absl::string_view line;
  while (cursor.Next(line)) {
    if (!encoder.Add(line, piece)) break;
    if (piece.size() < kFlushSize) continue;
    RETURN_IF_ERROR(SendAll(out, piece));
    piece.clear();
  }
  return SendAll(out, piece);
}

}  // namespace

absl::Status WriteLogsThen(
    Runtime& rt, const ContainerRecord& record, const LogSelection& selection,
    int out, const std::function<absl::Status(int64_t size)>& connect) {
  const runtime::v1::Container& container = record.container();
  ASSIGN_OR_RETURN(const LogOptions options,
                   ParseLogOptions(container.host_config().log_config()));
  if (!options.keep) {
    return absl::UnimplementedError(
        "configured logging driver does not support reading");
  }
  const LogEncoder encoder(selection, container);
  LogCursor cursor(
      {rt.log_locks, container.id(), container.log_path(), options.max_files},
      std::nullopt);
  for (int round = 0; round < kConnectRounds; ++round) {
    RETURN_IF_ERROR(SendLines(cursor, encoder, out));
    const absl::Status connected = connect(cursor.position());
    if (!absl::IsAborted(connected)) return connected;
  }
  return absl::ResourceExhaustedError(
      "the log grows faster than it can be read");
}

absl::Status StartLogThread(std::function<void()> task) {
  if (log_threads.fetch_add(1) >= kMaxLogThreads) {
    log_threads.fetch_sub(1);
    return absl::ResourceExhaustedError("too many logs are being read");
  }
  const absl::Status started = StartDetached([task = std::move(task)] {
    task();
    log_threads.fetch_sub(1);
  });
  if (!started.ok()) log_threads.fetch_sub(1);
  return started;
}

}  // namespace tug::runtimed
