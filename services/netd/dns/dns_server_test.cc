// SPDX-License-Identifier: Apache-2.0
#include "services/netd/dns/dns_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <thread>

#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "lib/testing/status_matchers.h"
#include "services/netd/dns/control_channel.h"
#include "services/netd/dns/message.h"
#include "services/netd/dns/resolver.h"

namespace tug::netd {
namespace {

using netlink::IpAddress;

constexpr timeval kTimeout = {5, 0};

std::pair<UniqueFd, uint16_t> Bind(int type) {
  UniqueFd fd(socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  sockaddr_storage address;
  socklen_t size =
      netlink::ToSockaddr(*IpAddress::Parse("127.0.0.1"), 0, address);
  EXPECT_EQ(bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  if (type == SOCK_STREAM) listen(fd.get(), 4);
  getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size);
  return {std::move(fd),
          ntohs(reinterpret_cast<sockaddr_in*>(&address)->sin_port)};
}

UniqueFd Dial(int type, uint16_t port) {
  UniqueFd fd(socket(AF_INET, type | SOCK_CLOEXEC, 0));
  setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &kTimeout, sizeof(kTimeout));
  sockaddr_storage address;
  const socklen_t size =
      netlink::ToSockaddr(*IpAddress::Parse("127.0.0.1"), port, address);
  EXPECT_EQ(connect(fd.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  return fd;
}

std::string QueryFor(const std::string& label) {
  return std::string("\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00", 12) +
         static_cast<char>(label.size()) + label +
         std::string("\x00\x00\x01\x00\x01", 5);
}

// The resolver is a thread here, on the other end of the channel.
class DnsServerTest : public testing::Test {
 protected:
  void SetUp() override {
    auto ends = dns::MakeControlChannel();
    ASSERT_THAT(ends, IsOk());
    ResolverProcess process;
    process.control = std::move(ends->first);
    auto started = DnsServer::Start(std::move(process), [] {});
    ASSERT_THAT(started, IsOk());
    server_ = *std::move(started);
    auto resolver = dns::Resolver::Make(std::move(ends->second), UniqueFd());
    ASSERT_THAT(resolver, IsOk());
    resolver_ = std::thread([own = *std::move(resolver)]() mutable {
      EXPECT_THAT(own->Run(), IsOk());
      own.reset();
    });
    server_->PutNames("n", "lease", {"web"},
                      {*IpAddress::Parse("10.1.0.2"), std::nullopt});
    auto [udp, udp_port] = Bind(SOCK_DGRAM);
    auto [tcp, tcp_port] = Bind(SOCK_STREAM);
    udp_port_ = udp_port;
    tcp_port_ = tcp_port;
    view_.networks = {{"n", "front"}};
    server_->Register("lease", view_, {std::move(udp), std::move(tcp), {}});
  }

  void TearDown() override {
    server_.reset();
    resolver_.join();
  }

  uint8_t CodeOverUdp(const std::string& label) {
    const UniqueFd client = Dial(SOCK_DGRAM, udp_port_);
    const std::string query = QueryFor(label);
    EXPECT_GT(send(client.get(), query.data(), query.size(), 0), 0);
    char reply[512];
    const ssize_t size = recv(client.get(), reply, sizeof(reply), 0);
    return size < 4 ? 255 : static_cast<uint8_t>(reply[3] & 15);
  }

  DnsView view_;
  std::unique_ptr<DnsServer> server_;
  std::thread resolver_;
  uint16_t udp_port_ = 0;
  uint16_t tcp_port_ = 0;
};

TEST_F(DnsServerTest, AnswersOverUdp) {
  EXPECT_EQ(CodeOverUdp("web"), dns::kNoError);
  // Nobody to ask: a failure, not silence.
  EXPECT_EQ(CodeOverUdp("nobody"), dns::kServerFailure);
}

TEST_F(DnsServerTest, AnswersSeveralQuestionsOfOneStream) {
  const UniqueFd client = Dial(SOCK_STREAM, tcp_port_);
  const std::string query = QueryFor("web");
  std::string frame = {'\0', static_cast<char>(query.size())};
  frame += query;
  const std::string both = frame + frame;
  ASSERT_EQ(send(client.get(), both.data(), both.size(), 0),
            static_cast<ssize_t>(both.size()));
  // Two lengths, and two answers of the question and 16 bytes.
  std::string reply(2 * (2 + query.size() + 16), '\0');
  EXPECT_EQ(recv(client.get(), reply.data(), reply.size(), MSG_WAITALL),
            static_cast<ssize_t>(reply.size()));
}

TEST_F(DnsServerTest, NonsenseIsPassedOver) {
  const UniqueFd client = Dial(SOCK_DGRAM, udp_port_);
  ASSERT_EQ(send(client.get(), "xx", 2, 0), 2);
  EXPECT_EQ(CodeOverUdp("web"), dns::kNoError);
}

TEST_F(DnsServerTest, NamesAreKnownAndForgottenWhenTheCallReturns) {
  for (int i = 0; i < 200; ++i) {
    server_->PutNames("n", "other", {"new"},
                      {*IpAddress::Parse("10.1.0.3"), std::nullopt});
    ASSERT_EQ(CodeOverUdp("new"), dns::kNoError) << i;
    server_->RemoveNames("n", "other");
    // By a question that the resolver hears after netd.
    while (CodeOverUdp("new") != dns::kServerFailure) {
    }
  }
}

// Beyond its share a sandbox is not looked at for a while; in the end all is
// answered.
TEST_F(DnsServerTest, ALongStreamIsAnsweredInTurns) {
  const UniqueFd client = Dial(SOCK_STREAM, tcp_port_);
  const std::string query = QueryFor("web");
  std::string frame = {'\0', static_cast<char>(query.size())};
  frame += query;
  constexpr size_t kCount = 12000;
  std::thread asking([&] {
    for (size_t i = 0; i < kCount; ++i) {
      EXPECT_EQ(send(client.get(), frame.data(), frame.size(), MSG_NOSIGNAL),
                static_cast<ssize_t>(frame.size()));
    }
    shutdown(client.get(), SHUT_WR);
  });
  std::string reply(2 + query.size() + 16, '\0');
  size_t answers = 0;
  while (recv(client.get(), reply.data(), reply.size(), MSG_WAITALL) ==
         static_cast<ssize_t>(reply.size())) {
    ++answers;
  }
  asking.join();
  EXPECT_EQ(answers, kCount);
}

TEST_F(DnsServerTest, OversizedQuestionsAreNotRead) {
  const UniqueFd client = Dial(SOCK_DGRAM, udp_port_);
  const std::string large = QueryFor("web") + std::string(20000, 'x');
  ASSERT_GT(send(client.get(), large.data(), large.size(), 0), 0);
  EXPECT_EQ(CodeOverUdp("web"), dns::kNoError);
}

TEST_F(DnsServerTest, UnregisterClosesTheSockets) {
  server_->Unregister("lease");
  sockaddr_storage address;
  const socklen_t size =
      netlink::ToSockaddr(*IpAddress::Parse("127.0.0.1"), udp_port_, address);
  const absl::Time deadline = absl::Now() + absl::Seconds(10);
  int bound = -1;
  while (bound != 0 && absl::Now() < deadline) {
    const UniqueFd again(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    bound = bind(again.get(), reinterpret_cast<sockaddr*>(&address), size);
  }
  EXPECT_EQ(bound, 0);
}

}  // namespace
}  // namespace tug::netd
