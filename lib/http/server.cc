// SPDX-License-Identifier: Apache-2.0
#include "lib/http/server.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <list>
#include <optional>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "lib/base/check.h"
#include "lib/base/fair_share.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/http/disconnect_watcher.h"
#include "lib/http/server_connection.h"

namespace tug::http {
namespace {

// Stack of a connection's thread: handlers parse JSON of bounded depth.
constexpr size_t kStackSize = 1024 * 1024;
// Pause after accept(2) failed for want of descriptors or memory.
constexpr int kExhaustedPauseMs = 50;

constexpr std::string_view kNotAdmitted =
    "HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\n"
    "Content-Length: 42\r\nConnection: close\r\n\r\n"
    "{\"message\":\"you may not use this engine\"}\n";

class ThreadedServer final : public Server {
 public:
  ThreadedServer(ServerLimits limits, Handler handler, Admission admits,
                 std::unique_ptr<DisconnectWatcher> watcher, UniqueFd wake)
      : limits_(limits),
        handler_(std::move(handler)),
        admits_(std::move(admits)),
        watcher_(std::move(watcher)),
        wake_(std::move(wake)) {}

  ~ThreadedServer() override { Shutdown(absl::ZeroDuration()); }

  absl::Status AddListener(UniqueFd listener) override {
    absl::MutexLock lock(&mutex_);
    if (stopping_) return absl::UnavailableError("the server is shut down");
    acceptors_.emplace_back([this, fd = std::make_shared<UniqueFd>(std::move(
                                       listener))] { AcceptLoop(fd->get()); });
    return absl::OkStatus();
  }

  void Shutdown(absl::Duration grace) override;

 private:
  // What a connection's thread is given.
  struct Start {
    ThreadedServer* server;
    ServerConnection* connection;
  };

  void AcceptLoop(int listener);
  void Admit(UniqueFd socket);
  bool StartThread(ServerConnection* connection);
  void Forget(ServerConnection* connection);
  // The connections that have a place, and are not about to leave it.
  std::vector<ServerConnection*> Holders(bool spare) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Makes room for `uid`. False: nobody is to leave.
  bool MakeRoom(int uid, bool spare) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  static void* ConnectionThread(void* argument);

  const ServerLimits limits_;
  const Handler handler_;
  const Admission admits_;
  const std::unique_ptr<DisconnectWatcher> watcher_;
  const UniqueFd wake_;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> acceptors_ ABSL_GUARDED_BY(mutex_);
  // In the order of their coming.
  std::list<ServerConnection*> connections_ ABSL_GUARDED_BY(mutex_);
  // Those of them that are about to end to make room.
  std::set<ServerConnection*> evicted_ ABSL_GUARDED_BY(mutex_);
};

void ThreadedServer::AcceptLoop(int listener) {
  for (;;) {
    pollfd fds[2] = {{listener, POLLIN, 0}, {wake_.get(), POLLIN, 0}};
    if (::poll(fds, 2, -1) < 0 && errno != EINTR) return;
    if (fds[1].revents != 0) return;
    if (fds[0].revents == 0) continue;
    UniqueFd socket(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
    if (socket) {
      Admit(std::move(socket));
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
               errno == ENOMEM) {
      LogWarning("accept failed",
                 {{"error", ErrnoStatus(errno, "accept").message()}});
      ::poll(&fds[1], 1, kExhaustedPauseMs);
    }
  }
}

void ThreadedServer::Admit(UniqueFd socket) {
  const int fd = socket.get();
  if (admits_ != nullptr && !admits_(fd)) {
    (void)!::send(fd, kNotAdmitted.data(), kNotAdmitted.size(),
                  MSG_NOSIGNAL | MSG_DONTWAIT);
    return;
  }
  std::unique_ptr<ServerConnection> connection;
  {
    absl::MutexLock lock(&mutex_);
    if (stopping_) return;
    const int uid = PeerUid(fd);
    const bool spare = !MakeRoom(uid, /*spare=*/false);
    if (spare && !MakeRoom(uid, /*spare=*/true)) return;
    connection = std::make_unique<ServerConnection>(std::move(socket), limits_,
                                                    handler_, *watcher_, spare);
    connections_.push_back(connection.get());
  }
  if (StartThread(connection.get())) {
    (void)connection.release();  // ConnectionThread owns it.
  } else {
    LogWarning("no thread for a connection");
    Forget(connection.get());
  }
}

bool ThreadedServer::StartThread(ServerConnection* connection) {
  pthread_attr_t attributes;
  ::pthread_attr_init(&attributes);
  ::pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  ::pthread_attr_setstacksize(&attributes, kStackSize);
  auto start = std::make_unique<Start>(Start{this, connection});
  pthread_t thread;
  const int error =
      ::pthread_create(&thread, &attributes, &ConnectionThread, start.get());
  ::pthread_attr_destroy(&attributes);
  if (error != 0) return false;
  (void)start.release();
  return true;
}

void* ThreadedServer::ConnectionThread(void* argument) {
  const std::unique_ptr<Start> start(static_cast<Start*>(argument));
  std::unique_ptr<ServerConnection> connection(start->connection);
  ThreadedServer* const server = start->server;
  connection->Serve();
  // Shutdown() may still want to break it until it is forgotten; the server
  // may be gone right after.
  server->Forget(connection.get());
  return nullptr;
}

void ThreadedServer::Forget(ServerConnection* connection) {
  absl::MutexLock lock(&mutex_);
  connections_.remove(connection);
  evicted_.erase(connection);
}

std::vector<ServerConnection*> ThreadedServer::Holders(bool spare) const {
  std::vector<ServerConnection*> holders;
  for (ServerConnection* connection : connections_) {
    if (connection->is_spare() == spare && !evicted_.contains(connection)) {
      holders.push_back(connection);
    }
  }
  return holders;
}

bool ThreadedServer::MakeRoom(int uid, bool spare) {
  const size_t limit =
      spare ? limits_.spare_connections : limits_.max_connections;
  // The usual case, without a look at each.
  if (connections_.size() < limit) return true;
  const std::vector<ServerConnection*> holders = Holders(spare);
  if (holders.size() < limit) return true;
  // Each that leaves still has a thread for a moment.
  if (evicted_.size() >= limits_.max_connections) return false;
  std::vector<PlaceHolder> places;
  for (const ServerConnection* one : holders) {
    places.push_back({one->peer_uid(), one->waiting_since()});
  }
  const std::optional<size_t> chosen = ChooseWhoLeaves(places, uid);
  if (!chosen.has_value()) return false;
  evicted_.insert(holders[*chosen]);
  holders[*chosen]->Break();
  return true;
}

void ThreadedServer::Shutdown(absl::Duration grace) {
  std::vector<std::thread> acceptors;
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    acceptors.swap(acceptors_);
    for (ServerConnection* connection : connections_) {
      connection->CloseWhenIdle();
    }
  }
  ::eventfd_write(wake_.get(), 1);
  for (std::thread& acceptor : acceptors) acceptor.join();
  absl::MutexLock lock(&mutex_);
  const auto none = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return connections_.empty();
  };
  const absl::Time deadline = absl::Now() + grace;
  const absl::Duration first = std::min(grace, kStreamGrace);
  if (mutex_.AwaitWithTimeout(absl::Condition(&none), first)) return;
  for (ServerConnection* connection : connections_) connection->EndStream();
  if (mutex_.AwaitWithDeadline(absl::Condition(&none), deadline)) return;
  for (ServerConnection* connection : connections_) connection->Break();
  mutex_.Await(absl::Condition(&none));
}

}  // namespace

std::unique_ptr<Server> NewServer(ServerLimits limits, Handler handler,
                                  Admission admits) {
  auto watcher = DisconnectWatcher::Create();
  UniqueFd wake(::eventfd(0, EFD_CLOEXEC));
  // At start-up, without descriptors there is nothing to serve.
  CHECK(watcher.ok() && wake.valid());
  return std::make_unique<ThreadedServer>(limits, std::move(handler),
                                          std::move(admits),
                                          *std::move(watcher), std::move(wake));
}

}  // namespace tug::http
