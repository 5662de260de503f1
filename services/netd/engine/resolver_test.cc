// SPDX-License-Identifier: Apache-2.0
//
// The resolver's process: it is lost and replaced without losing a question,
// has no rights, and asks where it may only.
#include <signal.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <fstream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/netd/engine/engine_fixture.h"
#include "services/netd/namespaces/network_namespace.h"

namespace tug::netd {
namespace {

class ResolverTest : public EngineTest {
 protected:
  // The one that answers, which is the child of the one that netd started.
  pid_t Answering(pid_t other_than = 0) {
    const absl::Time deadline = absl::Now() + absl::Seconds(10);
    while (absl::Now() < deadline) {
      std::ifstream file(
          absl::StrCat("/proc/", resolver_, "/task/", resolver_, "/children"));
      pid_t child = 0;
      if (file >> child && child != other_than && IsConfined(child)) {
        return child;
      }
      absl::SleepFor(absl::Milliseconds(5));
    }
    return 0;
  }

  static std::string StatusOf(pid_t pid, absl::string_view key) {
    std::ifstream file(absl::StrCat("/proc/", pid, "/status"));
    for (std::string line; std::getline(file, line);) {
      const std::pair<std::string, std::string> parts =
          absl::StrSplit(line, absl::MaxSplits(":\t", 1));
      if (parts.first == key) return parts.second;
    }
    return "";
  }

  static bool IsConfined(pid_t pid) { return StatusOf(pid, "Seccomp") == "2"; }
};

// issue 7, A9.
TEST_F(ResolverTest, HasNoRights) {
  const pid_t answering = Answering();
  ASSERT_NE(answering, 0);
  for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapAmb"}) {
    EXPECT_EQ(StatusOf(answering, set), "0000000000000000") << set;
  }
  EXPECT_EQ(StatusOf(answering, "NoNewPrivs"), "1");
  EXPECT_EQ(StatusOf(answering, "Uid"), "65534\t65534\t65534\t65534");
  // To start another as another user, and to kill it.
  EXPECT_EQ(StatusOf(resolver_, "CapEff"), "00000000000001e0");
  EXPECT_EQ(StatusOf(resolver_, "CapBnd"), "00000000000001e0");
}

// issue 7, A13: sockets are kept by netd, so that nothing is lost.
TEST_F(ResolverTest, AQuestionThatFindsItDeadIsAnsweredByTheNext) {
  MakeNetwork("front");
  const Container web = Run(Ask("web", {"front"}));
  const Container client = Run(Ask("client", {"front"}));
  EXPECT_EQ(Resolve(client.ns, "web"), web.address());
  pid_t before = 0;
  for (int i = 0; i < 5; ++i) {
    before = Answering(before);
    ASSERT_NE(before, 0);
    ASSERT_EQ(kill(before, SIGKILL), 0);
    EXPECT_EQ(Resolve(client.ns, "web"), web.address());
  }
  const Container third = Run(Ask("third", {"front"}));
  EXPECT_EQ(Resolve(client.ns, "third"), third.address());
}

// issue 7, B6.
TEST_F(ResolverTest, AnInternalNetworkAsksTheServersThatTheUserNamed) {
  MakeNetwork("inside", [](auto& r) { r.set_internal(true); });
  const Container dns = Run(Ask("dns", {"inside"}));
  auto request = Ask("client", {"inside"});
  request.mutable_dns()->mutable_servers()->add_values(dns.address());
  const Container client = Run(request);
  auto stray = Ask("stray", {"inside"});
  stray.mutable_dns()->mutable_servers()->add_values(kNeighbourAddress);
  const Container outside = Run(stray);
  const UniqueFd server = BindUdp(dns.ns, 53);
  std::thread answering([&] {
    pollfd ready = {server.get(), POLLIN, 0};
    char message[512];
    sockaddr_in from;
    socklen_t size = sizeof(from);
    if (poll(&ready, 1, 5000) != 1) return;
    const ssize_t got = recvfrom(server.get(), message, sizeof(message), 0,
                                 reinterpret_cast<sockaddr*>(&from), &size);
    message[2] = static_cast<char>(message[2] | 0x80);
    message[3] = 3;  // No such name.
    sendto(server.get(), message, static_cast<size_t>(got), 0,
           reinterpret_cast<sockaddr*>(&from), size);
  });
  EXPECT_EQ(Resolve(client.ns, "example.org"), "code 3");
  answering.join();
  EXPECT_EQ(Resolve(outside.ns, "example.org"), "code 2");
}

// issue 7, A13.
TEST_F(ResolverTest, AFloodOfOneLeavesTheOthersTheirAnswers) {
  MakeNetwork("front");
  const Container web = Run(Ask("web", {"front"}));
  const Container client = Run(Ask("client", {"front"}));
  const Container hostile = Run(Ask("hostile", {"front"}));
  std::atomic<bool> over = false;
  std::thread flood([&] {
    (void)RunInNamespace(hostile.ns, [&]() -> absl::Status {
      const UniqueFd fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
      sockaddr_storage to;
      const socklen_t size =
          netlink::ToSockaddr(*netlink::IpAddress::Parse("127.0.0.11"), 53, to);
      connect(fd.get(), reinterpret_cast<sockaddr*>(&to), size);
      const std::string query(
          "\x00\x07\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03web\x00\x00\x01"
          "\x00\x01",
          21);
      while (!over) send(fd.get(), query.data(), query.size(), 0);
      return absl::OkStatus();
    });
  });
  std::vector<absl::Duration> waits;
  for (int i = 0; i < 300; ++i) {
    const absl::Time begin = absl::Now();
    EXPECT_EQ(Resolve(client.ns, "web"), web.address());
    waits.push_back(absl::Now() - begin);
  }
  over = true;
  flood.join();
  std::sort(waits.begin(), waits.end());
  EXPECT_LT(waits[waits.size() * 99 / 100], absl::Milliseconds(50));
}

}  // namespace
}  // namespace tug::netd
