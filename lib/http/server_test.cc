// SPDX-License-Identifier: Apache-2.0
#include "lib/http/server.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "lib/http/client.h"

namespace tug::http {
namespace {

constexpr size_t kMaxConnections = 8;

// A server on an abstract-free socket in a directory of its own.
class ServerTest : public testing::Test {
 protected:
  void Start(Handler handler) {
    char directory[] = "/tmp/tug-http-XXXXXX";
    ASSERT_NE(::mkdtemp(directory), nullptr);
    directory_ = directory;
    path_ = directory_ + "/s";
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    path_.copy(address.sun_path, sizeof(address.sun_path) - 1);
    UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address),
                     sizeof(address)),
              0);
    ASSERT_EQ(::listen(listener.get(), 16), 0);
    ServerLimits limits;
    limits.header_timeout = absl::Milliseconds(200);
    limits.max_connections = kMaxConnections;
    server_ = NewServer(limits, std::move(handler));
    ASSERT_TRUE(server_->AddListener(std::move(listener)).ok());
  }

  void TearDown() override {
    server_.reset();
    ::unlink(path_.c_str());
    ::rmdir(directory_.c_str());
  }

  std::unique_ptr<Client> NewTestClient() {
    return *NewClient("unix://" + path_);
  }

  UniqueFd Connect(const std::string& first_bytes) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    path_.copy(address.sun_path, sizeof(address.sun_path) - 1);
    UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::connect(fd.get(), reinterpret_cast<sockaddr*>(&address),
                        sizeof(address)),
              0);
    EXPECT_EQ(
        ::send(fd.get(), first_bytes.data(), first_bytes.size(), MSG_NOSIGNAL),
        static_cast<ssize_t>(first_bytes.size()));
    return fd;
  }

  // Sends bytes as they stand, half-closes, reads everything.
  std::string Raw(const std::string& bytes, bool half_close = true) {
    const UniqueFd fd = Connect(bytes);
    if (half_close) ::shutdown(fd.get(), SHUT_WR);
    std::string answer;
    char buffer[4096];
    ssize_t size;
    while ((size = ::read(fd.get(), buffer, sizeof(buffer))) > 0) {
      answer.append(buffer, size);
    }
    return answer;
  }

  std::string directory_;
  std::string path_;
  std::unique_ptr<Server> server_;
};

void Echo(Exchange& exchange) {
  const auto body = exchange.ReadBody(1000);
  ResponseHead head;
  if (!body.ok()) head.status = 400;
  (void)exchange.Respond(head, body.ok()
                                   ? exchange.head().method + *body
                                   : std::string(body.status().message()));
}

int CountOf(const std::string& text, const std::string& part) {
  int count = 0;
  for (size_t at = text.find(part); at != text.npos;
       at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

TEST_F(ServerTest, KeepsTheConnectionForMoreRequests) {
  Start(Echo);
  const auto client = NewTestClient();
  for (int i = 0; i < 3; ++i) {
    const auto response = client->Call({"POST", "/", {}, "abc", {}}, 100);
    ASSERT_TRUE(response.ok()) << response.status();
    EXPECT_EQ(response->body, "POSTabc");
  }
}

TEST_F(ServerTest, ChunkedRequestBodyArrives) {
  Start(Echo);
  int calls = 0;
  Request request{"POST", "/", {}, "", {}};
  request.read_body = [&](char* buffer, size_t) -> absl::StatusOr<size_t> {
    if (++calls > 2) return 0;
    buffer[0] = 'x';
    return 1;
  };
  const auto response = NewTestClient()->Call(request, 100);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->body, "POSTxx");
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  Start(Echo);
  const std::string answer = Raw(
      "POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\nAPOST / HTTP/1.1\r\n"
      "Content-Length: 1\r\n\r\nBGET / HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_LT(answer.find("POSTA"), answer.find("POSTB"));
  EXPECT_EQ(CountOf(answer, "HTTP/1.1 200 OK"), 3);
}

TEST_F(ServerTest, MalformedRequestIsAnswered400AndClosed) {
  Start(Echo);
  const std::string answer =
      Raw("POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"
          "abGET / HTTP/1.1\r\n\r\n",
          /*half_close=*/false);
  EXPECT_EQ(answer.find("HTTP/1.1 400 "), 0u);
  EXPECT_EQ(CountOf(answer, "HTTP/1.1 "), 1);
}

TEST_F(ServerTest, SilentConnectionsMakeRoomForOthers) {
  Start(Echo);
  std::vector<UniqueFd> silent;
  for (size_t i = 0; i < kMaxConnections; ++i) silent.push_back(Connect(""));
  const auto client = NewTestClient();
  for (int i = 0; i < 3; ++i) {
    const auto response = client->Call({"POST", "/", {}, "abc", {}}, 100);
    ASSERT_TRUE(response.ok()) << response.status();
    EXPECT_EQ(response->body, "POSTabc");
  }
  // The one that has waited longest had to go.
  char byte;
  EXPECT_EQ(::read(silent.front().get(), &byte, 1), 0);
  EXPECT_EQ(::recv(silent.back().get(), &byte, 1, MSG_DONTWAIT), -1);
}

TEST_F(ServerTest, ConnectionsAtWorkAreNotBroken) {
  absl::Notification done;
  std::atomic<size_t> started = 0;
  Start([&](Exchange& exchange) {
    ++started;
    done.WaitForNotification();
    (void)exchange.Respond(ResponseHead(), "late");
  });
  std::vector<UniqueFd> busy;
  for (size_t i = 0; i < kMaxConnections; ++i) {
    busy.push_back(Connect("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  }
  while (started < kMaxConnections) absl::SleepFor(absl::Milliseconds(1));
  const std::string refused = Raw("");
  done.Notify();
  EXPECT_NE(refused.find(" 503 "), refused.npos) << refused;
  char byte;
  for (const UniqueFd& fd : busy) EXPECT_EQ(::read(fd.get(), &byte, 1), 1);
}

TEST_F(ServerTest, SlowHeaderIsCutOff) {
  Start(Echo);
  EXPECT_EQ(Raw("GET / HT", /*half_close=*/false), "");
}

TEST_F(ServerTest, BodyPastTheLimitIsRefused) {
  Start(Echo);
  const auto response =
      NewTestClient()->Call({"POST", "/", {}, std::string(5000, 'a'), {}}, 100);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->head.status, 400);
}

TEST_F(ServerTest, HeadHasLengthButNoBody) {
  Start(Echo);
  const std::string answer = Raw("HEAD / HTTP/1.1\r\n\r\n");
  EXPECT_NE(answer.find("Content-Length: 4\r\n"), answer.npos);
  EXPECT_EQ(answer.substr(answer.size() - 4), "\r\n\r\n");
}

TEST_F(ServerTest, ExpectContinueIsAnsweredFirst) {
  Start(Echo);
  const std::string answer =
      Raw("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
          "ab");
  EXPECT_EQ(answer.find("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK"), 0u);
}

TEST_F(ServerTest, StreamsChunks) {
  Start([](Exchange& exchange) {
    ASSERT_TRUE(exchange.StartStream({}).ok());
    ASSERT_TRUE(exchange.WriteSome("one").ok());
    ASSERT_TRUE(exchange.WriteSome("two").ok());
  });
  const std::string answer = Raw("GET / HTTP/1.1\r\n\r\n");
  EXPECT_NE(answer.find("3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"), answer.npos);
}

TEST_F(ServerTest, HijackKeepsBytesBehindTheHeader) {
  Start([](Exchange& exchange) {
    ResponseHead head;
    head.status = 101;
    auto raw = exchange.Hijack(head);
    ASSERT_TRUE(raw.ok());
    std::string all = raw->buffered;
    char buffer[64];
    ssize_t size;
    while ((size = ::read(raw->socket.get(), buffer, sizeof(buffer))) > 0) {
      all.append(buffer, size);
    }
    ::send(raw->socket.get(), all.data(), all.size(), MSG_NOSIGNAL);
  });
  const std::string answer = Raw(
      "POST / HTTP/1.1\r\nUpgrade: tcp\r\nConnection: Upgrade\r\n\r\nstdin");
  EXPECT_EQ(answer, "HTTP/1.1 101 UPGRADED\r\n\r\nstdin");
}

TEST_F(ServerTest, DisconnectIsNoticedWhileTheHandlerWaits) {
  absl::Notification gone;
  Start([&](Exchange& exchange) {
    exchange.WatchDisconnect([&] { gone.Notify(); });
    gone.WaitForNotification();
  });
  Raw("GET / HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(gone.HasBeenNotified());
}

TEST_F(ServerTest, ShutdownBreaksAStuckHandler) {
  absl::Notification entered;
  Start([&](Exchange& exchange) {
    auto raw = exchange.Hijack({});
    entered.Notify();
    char byte;
    EXPECT_LE(::read(raw->socket.get(), &byte, 1), 0);
  });
  std::thread client(
      [&] { Raw("GET / HTTP/1.1\r\n\r\n", /*half_close=*/false); });
  entered.WaitForNotification();
  server_->Shutdown(absl::Milliseconds(50));
  client.join();
}

TEST_F(ServerTest, ShutdownEndsStreamsAtOnceButLetsRequestsFinish) {
  absl::Notification streaming, waiting, taken;
  absl::Notification gone, finish;
  Start([&](Exchange& exchange) {
    const std::string& target = exchange.head().target;
    if (target == "/stream") {
      exchange.WatchDisconnect([&] { gone.Notify(); });
      ASSERT_TRUE(exchange.StartStream({}).ok());
      streaming.Notify();
      gone.WaitForNotification();
    } else if (target == "/taken") {
      auto raw = exchange.Hijack({});
      taken.Notify();
      char byte;
      EXPECT_LE(::read(raw->socket.get(), &byte, 1), 0);
    } else {
      waiting.Notify();
      finish.WaitForNotification();
      (void)exchange.Respond({}, "late");
    }
  });
  std::string answer;
  const UniqueFd stream = Connect("GET /stream HTTP/1.1\r\n\r\n");
  const UniqueFd session = Connect("GET /taken HTTP/1.1\r\n\r\n");
  std::thread client(
      [&] { answer = Raw("GET /short HTTP/1.1\r\n\r\n", false); });
  streaming.WaitForNotification();
  taken.WaitForNotification();
  waiting.WaitForNotification();
  std::thread shutdown([&] { server_->Shutdown(absl::Seconds(30)); });
  EXPECT_TRUE(gone.WaitForNotificationWithTimeout(absl::Seconds(5)));
  finish.Notify();
  shutdown.join();
  client.join();
  EXPECT_NE(answer.find("late"), answer.npos) << answer;
}

}  // namespace
}  // namespace tug::http
