// SPDX-License-Identifier: Apache-2.0
#include "lib/http/websocket.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <string>
#include <utility>

namespace tug::http {
namespace {

// The example of RFC 6455, section 1.3.
constexpr char kRequest[] =
    "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: "
    "websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
    "dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

// A frame as a client sends it, masked with zeros.
std::string Frame(char kind, const std::string& text) {
  return std::string(1, static_cast<char>(0x80 | kind)) +
         static_cast<char>(0x80 | text.size()) + std::string(4, '\0') + text;
}

class WebSocketTest : public testing::Test {
 protected:
  void SetUp() override {
    int pair[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    inner_ = UniqueFd(pair[0]);
    bridge_.stream = UniqueFd(pair[1]);
    bridge_.input = true;
  }

  // Serves one request with the bridge, over a socket of its own.
  void Connect() {
    server_ = NewServer({}, [this](Exchange& exchange) {
      status_ = ServeWebSocket(exchange, std::move(bridge_));
    });
    UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;  // The kernel makes up an abstract name.
    socklen_t size = sizeof(sa_family_t);
    const auto* const any = reinterpret_cast<const sockaddr*>(&address);
    ASSERT_EQ(::bind(listener.get(), any, size), 0);
    ASSERT_EQ(::listen(listener.get(), 1), 0);
    size = sizeof(address);
    ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size);
    ASSERT_TRUE(server_->AddListener(std::move(listener)).ok());
    client_ = UniqueFd(::socket(AF_UNIX, SOCK_STREAM, 0));
    ASSERT_EQ(::connect(client_.get(), any, size), 0);
    Send(client_, kRequest);
    std::string head;
    while (head.find("\r\n\r\n") == head.npos) head += Read(client_, 1);
    EXPECT_NE(head.find("101"), head.npos) << head;
    EXPECT_NE(head.find("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), head.npos) << head;
  }

  void TearDown() override {
    client_.reset();
    inner_.reset();
    if (server_) server_->Shutdown(absl::Seconds(10));
  }

  static void Send(const UniqueFd& to, const std::string& bytes) {
    EXPECT_EQ(::send(to.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }

  // Exactly `size` bytes, or what comes before the end.
  static std::string Read(const UniqueFd& from, size_t size) {
    std::string bytes(size, '\0');
    const ssize_t got = ::recv(from.get(), bytes.data(), size, MSG_WAITALL);
    bytes.resize(got > 0 ? static_cast<size_t>(got) : 0);
    return bytes;
  }

  WebSocketBridge bridge_;
  UniqueFd inner_;
  UniqueFd client_;
  std::unique_ptr<Server> server_;
  absl::Status status_;
};

TEST_F(WebSocketTest, CopiesBothWays) {
  Connect();
  Send(client_, Frame(2, "in"));
  EXPECT_EQ(Read(inner_, 2), "in");
  Send(inner_, "out");
  EXPECT_EQ(Read(client_, 5), "\x82\x03out");
}

TEST_F(WebSocketTest, AnswersAPing) {
  Connect();
  Send(client_, Frame(9, "hi"));
  EXPECT_EQ(Read(client_, 4), "\x8a\x02hi");
}

TEST_F(WebSocketTest, EndOfTheStreamClosesIt) {
  Connect();
  inner_.reset();
  // A close of code 1000; then the client's.
  EXPECT_EQ(Read(client_, 4), "\x88\x02\x03\xe8");
  Send(client_, Frame(8, "\x03\xe8"));
  EXPECT_EQ(Read(client_, 1), "");
}

TEST_F(WebSocketTest, CloseOfTheClientEndsTheStream) {
  Connect();
  Send(client_, Frame(8, "\x03\xe8"));
  EXPECT_EQ(Read(inner_, 1), "");
}

TEST_F(WebSocketTest, ALostClientEndsTheStream) {
  Connect();
  client_.reset();
  EXPECT_EQ(Read(inner_, 1), "");
}

TEST_F(WebSocketTest, FiltersChangeAndEnd) {
  bridge_.binary = false;
  bridge_.from_client = [](std::string_view bytes, std::string& out) {
    out += "<" + std::string(bytes) + ">";
    return bytes != "stop";
  };
  bridge_.to_client = [](std::string_view bytes, std::string& out) {
    out += std::string(bytes.substr(1));
    return true;
  };
  Connect();
  Send(inner_, "xtext");
  EXPECT_EQ(Read(client_, 6), "\x81\x04text");
  Send(client_, Frame(2, "stop"));
  EXPECT_EQ(Read(inner_, 6), "<stop>");
  EXPECT_EQ(Read(client_, 4), "\x88\x02\x03\xe8");
}

TEST_F(WebSocketTest, WithoutInputTheClientIsHeardAndDropped) {
  bridge_.input = false;
  Connect();
  Send(client_, Frame(2, "in"));
  Send(client_, Frame(9, ""));
  EXPECT_EQ(Read(client_, 2), std::string("\x8a\0", 2));
  Send(inner_, "o");
  EXPECT_EQ(Read(client_, 3), "\x82\x01o");
}

TEST(WebSocketRequestTest, IsToldFromOthers) {
  RequestHead head;
  head.method = "GET";
  head.target = "/ws";
  EXPECT_FALSE(IsWebSocketRequest(head));
  head.headers.Add("Host", "x");
  head.headers.Add("Connection", "keep-alive, Upgrade");
  head.headers.Add("Upgrade", "websocket");
  EXPECT_FALSE(IsWebSocketRequest(head));
  head.headers.Add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
  head.headers.Add("Sec-WebSocket-Version", "13");
  EXPECT_TRUE(IsWebSocketRequest(head));
  head.headers.Set("Sec-WebSocket-Version", "8");
  EXPECT_FALSE(IsWebSocketRequest(head));
}

}  // namespace
}  // namespace tug::http
