// SPDX-License-Identifier: Apache-2.0
//
// What clients cannot do to others (issue 7, A16), and that an answer arrives
// whatever its client is sending (issue 7, B5).
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "lib/http/server.h"
#include "lib/http/server_fixture.h"

namespace tug::http {
namespace {

// Far from the minute that it took.
constexpr absl::Duration kSoon = absl::Seconds(10);

class ServerFairnessTest : public ServerTest {
 protected:
  // The last of those that hold places may still be on their way to waiting.
  std::string RawOnceThereIsRoom() {
    for (;;) {
      std::string answer = Raw("GET / HTTP/1.1\r\n\r\n");
      if (answer.find(" 503 ") == answer.npos) return answer;
    }
  }
};

TEST_F(ServerFairnessTest, TwoEqualLengthsAreRefused) {
  Start(Echo);
  const std::string answer =
      Raw("POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n"
          "a");
  EXPECT_EQ(answer.find("HTTP/1.1 400 "), 0u) << answer;
}

TEST_F(ServerFairnessTest, ABodyHasATotalTime) {
  Start(Echo);
  const UniqueFd slow =
      Connect("POST / HTTP/1.1\r\nContent-Length: 1000\r\n\r\n");
  std::atomic<bool> answered = false;
  // A byte now and then keeps each single wait short.
  std::thread trickle([&] {
    while (!answered) {
      (void)!::send(slow.get(), "x", 1, MSG_NOSIGNAL);
      absl::SleepFor(absl::Milliseconds(10));
    }
  });
  char start[13] = {};
  EXPECT_EQ(::recv(slow.get(), start, 12, MSG_WAITALL), 12);
  answered = true;
  trickle.join();
  EXPECT_EQ(std::string(start), "HTTP/1.1 400");
}

TEST_F(ServerFairnessTest, SlowBodiesMakeRoomForOthers) {
  Start([](Exchange& exchange) {
    char byte;
    while (exchange.ReadSome(&byte, 1).value_or(0) > 0) {
    }
    (void)exchange.Respond({}, "read");
  });
  std::vector<UniqueFd> slow;
  for (size_t i = 0; i < kMaxConnections; ++i) {
    slow.push_back(Connect("POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\na"));
  }
  for (int i = 0; i < 3; ++i) {
    EXPECT_NE(RawOnceThereIsRoom().find("read"), std::string::npos);
  }
}

TEST_F(ServerFairnessTest, ClientsThatDoNotReadMakeRoomForOthers) {
  const std::string much(1 << 20, 'm');
  Start([&](Exchange& exchange) {
    if (exchange.head().path == "/much") {
      if (!exchange.StartStream({}).ok()) return;
      while (exchange.WriteSome(much).ok()) {
      }
      return;
    }
    (void)exchange.Respond({}, "little");
  });
  std::vector<UniqueFd> deaf;
  for (size_t i = 0; i < kMaxConnections; ++i) {
    deaf.push_back(Connect("GET /much HTTP/1.1\r\n\r\n"));
  }
  for (int i = 0; i < 3; ++i) {
    const std::string answer = RawOnceThereIsRoom();
    EXPECT_NE(answer.find("little"), answer.npos) << answer;
  }
}

TEST_F(ServerFairnessTest, PingIsServedWhenAllAreAtWork) {
  absl::Notification done;
  std::atomic<size_t> started = 0;
  Start([&](Exchange& exchange) {
    if (exchange.head().path != "/_ping") {
      ++started;
      done.WaitForNotification();
    }
    (void)exchange.Respond({}, "OK");
  });
  std::vector<UniqueFd> busy;
  for (size_t i = 0; i < kMaxConnections; ++i) {
    busy.push_back(Connect("GET / HTTP/1.1\r\n\r\n"));
  }
  while (started < kMaxConnections) absl::SleepFor(absl::Milliseconds(1));
  // Silent ones in the spare places are in nobody's way either.
  const UniqueFd first = Connect("");
  const UniqueFd second = Connect("");
  const std::string answer = Raw("GET /_ping HTTP/1.1\r\n\r\n");
  EXPECT_EQ(answer.find("HTTP/1.1 200 OK"), 0u) << answer;
  done.Notify();
}

TEST_F(ServerFairnessTest, WhoIsNotAdmittedIsToldSo) {
  Start(Echo, [](int) { return false; });
  EXPECT_EQ(Raw("GET / HTTP/1.1\r\n\r\n").find("HTTP/1.1 403 "), 0u);
}

// Refused before its body is read.
void RefuseUnread(Exchange& exchange) {
  ResponseHead head;
  head.status = 400;
  (void)exchange.Respond(head, "no");
}

TEST_F(ServerFairnessTest, AnAnswerDoesNotWaitForTheBody) {
  Start(RefuseUnread);
  for (const char* framing :
       {"Content-Length: 1000", "Content-Length: 100000000",
        "Transfer-Encoding: chunked"}) {
    const UniqueFd client =
        Connect(std::string("POST / HTTP/1.1\r\n") + framing + "\r\n\r\n");
    const absl::Time begin = absl::Now();
    char start[13] = {};
    EXPECT_EQ(::recv(client.get(), start, 12, MSG_WAITALL), 12) << framing;
    EXPECT_EQ(std::string(start), "HTTP/1.1 400");
    EXPECT_LT(absl::Now() - begin, kSoon) << framing;
  }
}

TEST_F(ServerFairnessTest, AnAnswerReachesWhoSendsEverythingFirst) {
  Start(RefuseUnread);
  const std::string body(8 << 20, 'b');
  const std::string chunked = "800000\r\n" + body + "\r\n0\r\n\r\n";
  for (const std::string& request :
       {"POST / HTTP/1.1\r\nContent-Length: 8388608\r\n\r\n" + body,
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked}) {
    const std::string answer = Raw(request, /*half_close=*/false);
    EXPECT_EQ(answer.find("HTTP/1.1 400 "), 0u) << answer;
    EXPECT_NE(answer.find("Connection: close"), answer.npos);
  }
}

TEST_F(ServerFairnessTest, AShortUnreadBodyCostsNoConnection) {
  Start(RefuseUnread);
  const std::string answer = Raw(
      "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(CountOf(answer, "HTTP/1.1 400 "), 2) << answer;
}

}  // namespace
}  // namespace tug::http
