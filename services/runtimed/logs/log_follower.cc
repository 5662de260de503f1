// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/logs/log_follower.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include "absl/time/clock.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/runtimed/containers/state_machine.h"

namespace tug::runtimed {
namespace {

// What epoll calls the descriptors that are no streams.
constexpr uint64_t kWakeId = 1;
constexpr uint64_t kChangesId = 2;
// Encoded at once, and sent in one turn.
constexpr size_t kPieceBytes = 64 << 10;
constexpr size_t kTurnBytes = 256 << 10;
// A change may be missed where inotify does not reach (network file systems).
constexpr absl::Duration kLongestPause = absl::Seconds(2);
constexpr int kEvents = 64;

absl::Status Watch(int poll, int fd, uint32_t events, uint64_t id) {
  epoll_event event = {};
  event.events = events;
  event.data.u64 = id;
  if (epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event) == 0) return absl::OkStatus();
  return ErrnoStatus(errno, "watch a descriptor");
}

}  // namespace

struct LogFollower::Stream {
  Stream(LogCursor::Log log, LogEncoder wanted, UniqueFd to, Done told)
      : directory(log.path.substr(0, log.path.rfind('/'))),
        cursor(std::move(log), wanted.selection().tail),
        encoder(std::move(wanted)),
        socket(std::move(to)),
        done(std::move(told)) {}

  // Whether the run that is followed is over; its log's end is passed on.
  bool RunEnded() {
    absl::MutexLock lock(&mutex);
    if (run_ended) cursor.EndAt(log_end);
    return run_ended;
  }
  // Appends lines to `out`; true when there are none any more for now.
  bool Encode() {
    absl::string_view line;
    while (out.size() < kPieceBytes) {
      if (!cursor.Next(line)) return true;
      if (encoder.Add(line, out)) continue;
      past_until = true;
      return true;
    }
    return false;
  }

  Id id = 0;
  const std::string directory;
  LogCursor cursor;
  const LogEncoder encoder;
  const UniqueFd socket;
  const Done done;
  // Set before the stream is added, ended on the follower's thread.
  std::optional<ExitWatch::Watcher> exits;
  absl::Mutex mutex;
  bool run_ended ABSL_GUARDED_BY(mutex) = false;
  LogEnd log_end ABSL_GUARDED_BY(mutex);
  // Encoded and not sent yet, from `sent` on.
  std::string out;
  size_t sent = 0;
  bool past_until = false;
  // Nothing follows what is encoded.
  bool finished = false;
};

absl::StatusOr<std::unique_ptr<LogFollower>> LogFollower::Make() {
  UniqueFd poll(epoll_create1(EPOLL_CLOEXEC));
  UniqueFd changes(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  UniqueFd wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!poll || !changes || !wake) {
    return ErrnoStatus(errno, "open what logs are followed by");
  }
  RETURN_IF_ERROR(Watch(poll.get(), wake.get(), EPOLLIN, kWakeId));
  RETURN_IF_ERROR(Watch(poll.get(), changes.get(), EPOLLIN, kChangesId));
  return std::unique_ptr<LogFollower>(
      new LogFollower(std::move(poll), std::move(changes), std::move(wake)));
}

LogFollower::LogFollower(UniqueFd poll, UniqueFd changes, UniqueFd wake)
    : poll_(std::move(poll)),
      changes_(std::move(changes)),
      wake_(std::move(wake)),
      next_look_(absl::Now() + kLongestPause),
      thread_([this] { Run(); }) {}

LogFollower::~LogFollower() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  eventfd_write(wake_.get(), 1);
  thread_.join();
}

LogFollower::Id LogFollower::Send(ContainerCatalog& catalog, ExitWatch& exits,
                                  LogCursor::Log log, LogEncoder encoder,
                                  UniqueFd socket, Done done) {
  const std::string container = log.id;
  const auto stream = std::make_shared<Stream>(
      std::move(log), std::move(encoder), std::move(socket), std::move(done));
  {
    absl::MutexLock lock(&mutex_);
    stream->id = next_id_++;
  }
  if (stream->encoder.selection().follow) {
    // The stream owns the watcher, which waits for its callback.
    stream->exits.emplace(
        exits, container,
        [this, s = stream.get()](const ExitWatch::Seen& seen) {
          {
            absl::MutexLock lock(&s->mutex);
            if (std::exchange(s->run_ended, true)) return;
            s->log_end = seen.log_end;
          }
          Wake(s->id);
        });
    // Asked after the registration. Between two runs there is nothing to
    // follow, as with Docker.
    const auto record = catalog.Get(container);
    absl::MutexLock lock(&stream->mutex);
    stream->run_ended = stream->run_ended || !record.ok() ||
                        !HasProcess((*record)->container().state());
  }
  const Id id = stream->id;
  {
    absl::MutexLock lock(&mutex_);
    added_.push_back(stream);
  }
  eventfd_write(wake_.get(), 1);
  return id;
}

void LogFollower::Cancel(Id id) {
  {
    absl::MutexLock lock(&mutex_);
    cancelled_.insert(id);
  }
  eventfd_write(wake_.get(), 1);
}

void LogFollower::Wake(Id id) {
  {
    absl::MutexLock lock(&mutex_);
    woken_.insert(id);
  }
  eventfd_write(wake_.get(), 1);
}

bool LogFollower::TakeOrders() {
  std::vector<StreamPtr> added;
  std::set<Id> cancelled;
  {
    absl::MutexLock lock(&mutex_);
    if (stopping_) return false;
    added.swap(added_);
    cancelled.swap(cancelled_);
    ready_.merge(woken_);
    woken_.clear();
  }
  for (const StreamPtr& stream : added) Adopt(stream);
  for (const Id id : cancelled) {
    const auto found = streams_.find(id);
    if (found == streams_.end()) continue;
    End(StreamPtr(found->second), absl::CancelledError("the reader has left"));
  }
  return true;
}

void LogFollower::Adopt(const StreamPtr& stream) {
  streams_[stream->id] = stream;
  const int socket = stream->socket.get();
  fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK);
  // Told once whenever the socket takes more; a hang-up is always told.
  const absl::Status watched =
      Watch(poll_.get(), socket, EPOLLOUT | EPOLLET, stream->id);
  if (!watched.ok()) return End(stream, watched);
  if (stream->encoder.selection().follow) {
    Directory& directory = directories_[stream->directory];
    if (directory.streams.empty()) {
      directory.watch = inotify_add_watch(
          changes_.get(), stream->directory.c_str(),
          IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_DELETE_SELF);
      directory_of_watch_[directory.watch] = stream->directory;
    }
    directory.streams.insert(stream->id);
  }
  ready_.insert(stream->id);
}

void LogFollower::TakeChanges() {
  alignas(inotify_event) char buffer[4096];
  ssize_t got = 0;
  while ((got = read(changes_.get(), buffer, sizeof(buffer))) > 0) {
    for (ssize_t at = 0; at < got;) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer + at);
      at += static_cast<ssize_t>(sizeof(inotify_event)) + event->len;
      if ((event->mask & IN_Q_OVERFLOW) != 0) MarkFollowers();
      const auto directory = directory_of_watch_.find(event->wd);
      if (directory == directory_of_watch_.end()) continue;
      const std::set<Id>& readers = directories_[directory->second].streams;
      ready_.insert(readers.begin(), readers.end());
    }
  }
}

void LogFollower::MarkFollowers() {
  for (const auto& [path, directory] : directories_) {
    ready_.insert(directory.streams.begin(), directory.streams.end());
  }
}

LogFollower::Turn LogFollower::TakeTurn(Stream& stream, absl::Status& outcome) {
  const LogSelection& selection = stream.encoder.selection();
  for (size_t done = 0; done < kTurnBytes;) {
    if (stream.sent < stream.out.size()) {
      const ssize_t sent =
          send(stream.socket.get(), stream.out.data() + stream.sent,
               stream.out.size() - stream.sent, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent == -1 && errno == EINTR) continue;
      if (sent == -1 && errno == EAGAIN) return Turn::kWaits;
      if (sent == -1) {
        outcome = ErrnoStatus(errno, "write the log to its reader");
        return Turn::kEnded;
      }
      stream.sent += static_cast<size_t>(sent);
      done += static_cast<size_t>(sent);
      continue;
    }
    stream.out.clear();
    stream.sent = 0;
    if (stream.finished) return Turn::kEnded;
    // Asked before the reading: what is written until the end is read then.
    const bool over = !selection.follow || stream.RunEnded() ||
                      absl::Now() >= selection.until;
    if (!stream.Encode()) continue;
    stream.finished = over || stream.past_until;
    if (stream.finished || !stream.out.empty()) continue;
    // Idle streams are many.
    stream.out.shrink_to_fit();
    return Turn::kWaits;
  }
  return Turn::kMore;
}

void LogFollower::End(const StreamPtr& stream, const absl::Status& outcome) {
  const auto found = directories_.find(stream->directory);
  if (found != directories_.end() &&
      found->second.streams.erase(stream->id) > 0 &&
      found->second.streams.empty()) {
    inotify_rm_watch(changes_.get(), found->second.watch);
    directory_of_watch_.erase(found->second.watch);
    directories_.erase(found);
  }
  stream->exits.reset();
  epoll_ctl(poll_.get(), EPOLL_CTL_DEL, stream->socket.get(), nullptr);
  shutdown(stream->socket.get(), SHUT_RDWR);
  ready_.erase(stream->id);
  streams_.erase(stream->id);
  stream->done(outcome);
}

int LogFollower::TimeoutMs() const {
  if (!ready_.empty()) return 0;
  absl::Time next = next_look_;
  for (const auto& [id, stream] : streams_) {
    next = std::min(next, stream->encoder.selection().until);
  }
  const absl::Duration left =
      std::clamp(next - absl::Now(), absl::ZeroDuration(), kLongestPause);
  return static_cast<int>(absl::ToInt64Milliseconds(left)) + 1;
}

void LogFollower::Run() {
  epoll_event events[kEvents];
  for (;;) {
    const int count = epoll_wait(poll_.get(), events, kEvents, TimeoutMs());
    for (int i = 0; i < count; ++i) {
      const uint64_t id = events[i].data.u64;
      eventfd_t wakes = 0;
      if (id == kWakeId) {
        eventfd_read(wake_.get(), &wakes);
      } else if (id == kChangesId) {
        TakeChanges();
      } else if ((events[i].events & (EPOLLHUP | EPOLLERR)) != 0) {
        const auto left = streams_.find(id);
        if (left != streams_.end()) End(StreamPtr(left->second), {});
      } else if (streams_.contains(id)) {
        ready_.insert(id);
      }
    }
    if (!TakeOrders()) return;
    MarkDue();
    TakeTurns();
  }
}

void LogFollower::MarkDue() {
  const absl::Time now = absl::Now();
  if (now >= next_look_) {
    MarkFollowers();
    next_look_ = now + kLongestPause;
  }
  for (const auto& [id, stream] : streams_) {
    if (now >= stream->encoder.selection().until) ready_.insert(id);
  }
}

void LogFollower::TakeTurns() {
  for (const Id id : std::exchange(ready_, {})) {
    const auto found = streams_.find(id);
    if (found == streams_.end()) continue;
    const StreamPtr stream = found->second;
    absl::Status outcome;
    const Turn turn = TakeTurn(*stream, outcome);
    if (turn == Turn::kMore) ready_.insert(id);
    if (turn == Turn::kEnded) End(stream, outcome);
  }
}

}  // namespace tug::runtimed
