// SPDX-License-Identifier: Apache-2.0
#include "lib/http/server.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "lib/http/client.h"
#include "lib/http/server_fixture.h"

namespace tug::http {
namespace {

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
  const std::string refused = Raw("GET / HTTP/1.1\r\n\r\n");
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
