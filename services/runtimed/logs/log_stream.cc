// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/logs/log_stream.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <memory>

#include "absl/time/clock.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/base/thread.h"
#include "services/runtimed/containers/state_machine.h"
#include "services/runtimed/logs/log_files.h"
#include "services/runtimed/logs/log_line.h"
#include "services/runtimed/logs/log_rotation.h"
#include "services/runtimed/spec/log_options.h"

namespace tug::runtimed {
namespace {

constexpr size_t kFlushSize = 64 << 10;
// A change may be missed where inotify does not reach (network file systems).
constexpr absl::Duration kLongestPoll = absl::Seconds(2);

// Turns log lines into the bytes that clients expect.
class LogWriter {
 public:
  LogWriter(const LogSelection& selection, bool raw, std::string details,
            int out)
      : selection_(selection),
        raw_(raw),
        details_(std::move(details)),
        out_(out) {}

  // False once a line is beyond `until`.
  bool Add(absl::string_view line) {
    std::optional<LogLine> parsed = ParseLogLine(line);
    if (!parsed.has_value()) return true;
    if (selection_.since != absl::InfinitePast() ||
        selection_.until != absl::InfiniteFuture()) {
      const absl::Time time = ParseLogTime(parsed->time);
      if (time < selection_.since) return true;
      if (time > selection_.until) return false;
    }
    if (parsed->is_stderr ? selection_.stderr : selection_.stdout) {
      Append(*parsed);
    }
    return true;
  }

  bool full() const { return buffer_.size() >= kFlushSize; }

  absl::Status Flush() {
    size_t at = 0;
    while (at < buffer_.size()) {
      const ssize_t sent =
          send(out_, buffer_.data() + at, buffer_.size() - at, MSG_NOSIGNAL);
      if (sent == -1 && errno == EINTR) continue;
      if (sent == -1) return ErrnoStatus(errno, "write the log to its reader");
      at += static_cast<size_t>(sent);
    }
    buffer_.clear();
    return absl::OkStatus();
  }

 private:
  void Append(const LogLine& line) {
    std::string prefix;
    if (selection_.timestamps) {
      absl::StrAppend(&prefix, PadLogTime(line.time), " ");
    }
    if (selection_.details) absl::StrAppend(&prefix, details_, " ");
    const size_t size = prefix.size() + line.text.size();
    if (!raw_) {
      const char header[8] = {static_cast<char>(line.is_stderr ? 2 : 1),
                              0,
                              0,
                              0,
                              static_cast<char>(size >> 24),
                              static_cast<char>(size >> 16),
                              static_cast<char>(size >> 8),
                              static_cast<char>(size)};
      buffer_.append(header, sizeof(header));
    }
    absl::StrAppend(&buffer_, prefix, line.text);
  }

  const LogSelection& selection_;
  const bool raw_;
  const std::string details_;
  const int out_;
  std::string buffer_;
};

// What tells a follower that there may be more.
class ChangeWatch {
 public:
  ChangeWatch(Runtime& rt, const std::string& id, const std::string& path,
              int out, int cancel)
      : inotify_(inotify_init1(IN_CLOEXEC | IN_NONBLOCK)),
        ended_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
        watcher_(rt.exits, id, ended_.get()),
        out_(out),
        cancel_(cancel) {
    const std::string directory = path.substr(0, path.rfind('/'));
    inotify_add_watch(inotify_.get(), directory.c_str(),
                      IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_DELETE_SELF);
  }

  // False when the reader has left or is to stop.
  bool Await(absl::Time until) {
    const absl::Duration left =
        std::clamp(until - absl::Now(), absl::ZeroDuration(), kLongestPoll);
    pollfd fds[4] = {{inotify_.get(), POLLIN, 0},
                     {ended_.get(), POLLIN, 0},
                     {out_, 0, 0},
                     {cancel_, POLLIN, 0}};
    poll(fds, 4, static_cast<int>(absl::ToInt64Milliseconds(left)) + 1);
    char drop[4096];
    while (read(inotify_.get(), drop, sizeof(drop)) > 0) {
    }
    eventfd_t count = 0;
    eventfd_read(ended_.get(), &count);
    return fds[2].revents == 0 && fds[3].revents == 0;
  }

 private:
  const UniqueFd inotify_;
  const UniqueFd ended_;
  const ExitWatch::Watcher watcher_;
  const int out_;
  const int cancel_;
};

bool StillRuns(Runtime& rt, const std::string& id) {
  const auto record = rt.catalog.Get(id);
  return record.ok() && CountsAsRunning((*record)->container().state());
}

// Copies whole lines until the present end of `reader`. False: beyond `until`.
absl::StatusOr<bool> CopyLines(LineReader& reader, LogWriter& writer) {
  absl::string_view line;
  while (reader.Next(line)) {
    if (!writer.Add(line)) {
      RETURN_IF_ERROR(writer.Flush());
      return false;
    }
    if (writer.full()) RETURN_IF_ERROR(writer.Flush());
  }
  RETURN_IF_ERROR(writer.Flush());
  return true;
}

struct LogTask {
  Runtime& rt;
  const std::string id;
  const std::string path;
  const LogSelection& selection;
  LogWriter& writer;
};

// The file that came after `file` (which may be invalid: the oldest), or, if
// that has been removed meanwhile, the oldest there is.
UniqueFd NextFile(const LogTask& task, const UniqueFd& file) {
  const OperationLocks::Held held(task.rt.log_locks, task.id);
  LogFiles now = OpenLogFiles(task.path);
  const size_t own = file.valid() ? FindFile(now, file.get()) : 0;
  const size_t next = !file.valid() || own == now.files.size() ? 0 : own + 1;
  return next < now.files.size() ? std::move(now.files[next]) : UniqueFd();
}

// Follows the newest file, and those that take its place.
absl::Status Follow(const LogTask& task, UniqueFd file, int64_t offset,
                    ChangeWatch& changes) {
  auto reader = std::make_unique<LineReader>(file.get(), offset);
  for (;;) {
    // Asked before the reading: what is written until the end is read then.
    const bool runs = StillRuns(task.rt, task.id);
    const bool rotated = file.valid() && WasRotated(task.path, file.get());
    if (file.valid()) {
      ASSIGN_OR_RETURN(const bool more, CopyLines(*reader, task.writer));
      if (!more) return absl::OkStatus();
    }
    if (rotated || !file.valid()) {
      UniqueFd next = NextFile(task, file);
      if (next) {
        file = std::move(next);
        reader = std::make_unique<LineReader>(file.get(), 0);
        continue;
      }
    }
    if (!runs || absl::Now() >= task.selection.until) return absl::OkStatus();
    if (!changes.Await(task.selection.until)) return absl::OkStatus();
  }
}

absl::Status Write(const LogTask& task, ChangeWatch* changes, int max_files) {
  LogFiles log;
  {
    const OperationLocks::Held held(task.rt.log_locks, task.id);
    FinishRotation(task.path, max_files);
    log = OpenLogFiles(task.path);
  }
  LogPosition at;
  if (task.selection.tail.has_value()) {
    at = FindTail(log, *task.selection.tail);
  }
  const size_t whole = changes == nullptr || log.files.empty()
                           ? log.files.size()
                           : log.files.size() - 1;
  for (size_t i = at.file; i < whole; ++i) {
    LineReader reader(log.files[i].get(), i == at.file ? at.offset : 0);
    ASSIGN_OR_RETURN(const bool more, CopyLines(reader, task.writer));
    if (!more) return absl::OkStatus();
  }
  if (changes == nullptr) return absl::OkStatus();
  UniqueFd newest;
  if (!log.files.empty()) newest = std::move(log.files.back());
  const bool inside = at.file == whole;
  return Follow(task, std::move(newest), inside ? at.offset : 0, *changes);
}

// Copies all files but the newest, which it answers.
absl::StatusOr<UniqueFd> CopyOlder(const LogTask& task, int max_files) {
  LogFiles log;
  {
    const OperationLocks::Held held(task.rt.log_locks, task.id);
    FinishRotation(task.path, max_files);
    log = OpenLogFiles(task.path);
  }
  if (log.files.empty()) return UniqueFd();
  for (size_t i = 0; i + 1 < log.files.size(); ++i) {
    LineReader reader(log.files[i].get(), 0);
    RETURN_IF_ERROR(CopyLines(reader, task.writer).status());
  }
  return std::move(log.files.back());
}

// More rounds than this mean that the log grows faster than the client reads.
constexpr int kConnectRounds = 10000;

std::atomic<int> log_threads{0};

}  // namespace

absl::Status WriteLogs(Runtime& rt, const ContainerRecord& record,
                       const LogSelection& selection, int out, int cancel) {
  const runtime::v1::Container& container = record.container();
  ASSIGN_OR_RETURN(const LogOptions options,
                   ParseLogOptions(container.host_config().log_config()));
  if (!options.keep) {
    return absl::UnimplementedError(
        "configured logging driver does not support reading");
  }
  LogWriter writer(selection, container.config().tty(),
                   selection.details ? LogDetails(container) : std::string(),
                   out);
  const LogTask task = {rt, container.id(), container.log_path(), selection,
                        writer};
  if (!selection.follow) return Write(task, nullptr, options.max_files);
  ChangeWatch changes(rt, container.id(), container.log_path(), out, cancel);
  return Write(task, &changes, options.max_files);
}

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
  LogWriter writer(selection, container.config().tty(), std::string(), out);
  const LogTask task = {rt, container.id(), container.log_path(), selection,
                        writer};
  ASSIGN_OR_RETURN(UniqueFd file, CopyOlder(task, options.max_files));
  auto reader = std::make_unique<LineReader>(file.get(), 0);
  for (int round = 0; round < kConnectRounds; ++round) {
    const bool rotated = file.valid() && WasRotated(task.path, file.get());
    if (file.valid()) RETURN_IF_ERROR(CopyLines(*reader, writer).status());
    if (rotated || !file.valid()) {
      UniqueFd next = NextFile(task, file);
      if (next) {
        file = std::move(next);
        reader = std::make_unique<LineReader>(file.get(), 0);
        continue;
      }
    }
    const absl::Status connected =
        connect(file.valid() ? reader->position() : 0);
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
