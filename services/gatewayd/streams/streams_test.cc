// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <atomic>
#include <string>
#include <thread>
#include <utility>

#include "services/gatewayd/streams/detach_keys.h"
#include "services/gatewayd/streams/hijack.h"

namespace tug::gatewayd {
namespace {

struct KeyCase {
  const char* name;
  const char* text;
  const char* bytes;  // nullptr: refused.
};

class DetachKeysTest : public testing::TestWithParam<KeyCase> {};

TEST_P(DetachKeysTest, YieldsBytes) {
  const auto keys = ParseDetachKeys(GetParam().text);
  if (GetParam().bytes == nullptr) {
    EXPECT_FALSE(keys.ok());
  } else {
    ASSERT_TRUE(keys.ok());
    EXPECT_EQ(*keys, GetParam().bytes);
  }
}

constexpr KeyCase kKeyCases[] = {
    {"Default", "", "\x10\x11"},      {"Letters", "a,b", "ab"},
    {"Mixed", "ctrl-a,x", "\x01x"},   {"Signs", "ctrl-[,ctrl-_", "\x1b\x1f"},
    {"Word", "foo", nullptr},         {"Empty", "a,,b", nullptr},
    {"NoControl", "ctrl-1", nullptr},
};
INSTANTIATE_TEST_SUITE_P(All, DetachKeysTest, testing::ValuesIn(kKeyCases),
                         [](const auto& info) {
                           return std::string(info.param.name);
                         });

// Feeds `input` byte by byte.
std::string Scanned(const std::string& keys, const std::string& input,
                    bool& detached) {
  DetachScanner scanner(keys);
  std::string out;
  detached = false;
  for (const char c : input) {
    if (!detached) detached = scanner.Scan(std::string(1, c), out);
  }
  return out;
}

TEST(DetachScannerTest, FindsKeysAcrossReads) {
  bool detached;
  EXPECT_EQ(Scanned("pq", "abpqrest", detached), "ab");
  EXPECT_TRUE(detached);
}

TEST(DetachScannerTest, HeldBytesComeBack) {
  bool detached;
  EXPECT_EQ(Scanned("pq", "ppxp", detached), "ppx");
  EXPECT_FALSE(detached);
  EXPECT_EQ(Scanned("ppq", "pppq", detached), "p");
  EXPECT_TRUE(detached);
}

// A session between two socket pairs.
class SpliceTest : public testing::Test {
 protected:
  SpliceTest() {
    int client[2], container[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, client), 0);
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, container), 0);
    client_ = UniqueFd(client[0]);
    container_ = UniqueFd(container[0]);
    inner_.socket = UniqueFd(client[1]);
    stream_ = UniqueFd(container[1]);
  }

  void Start(SpliceOptions options) {
    session_ = std::thread([this, options] {
      SpliceStreams(std::move(inner_), std::move(stream_), options);
    });
  }
  ~SpliceTest() override { session_.join(); }

  static std::string ReadAll(int fd) {
    std::string all;
    char buffer[4096];
    ssize_t size;
    while ((size = ::read(fd, buffer, sizeof(buffer))) > 0) {
      all.append(buffer, size);
    }
    return all;
  }
  static void Write(int fd, const std::string& bytes) {
    EXPECT_EQ(::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }

  UniqueFd client_, container_, stream_;
  http::Exchange::Raw inner_;
  std::thread session_;
};

TEST_F(SpliceTest, HalfCloseEndsInputOnly) {
  inner_.buffered = "early ";
  Start({.input = true, .detach_keys = ""});
  Write(client_.get(), "late");
  ::shutdown(client_.get(), SHUT_WR);
  EXPECT_EQ(ReadAll(container_.get()), "early late");
  Write(container_.get(), "output");
  container_.reset();
  EXPECT_EQ(ReadAll(client_.get()), "output");
}

TEST_F(SpliceTest, DetachKeysLeaveTheContainer) {
  Start({.input = true, .detach_keys = "pq"});
  Write(client_.get(), "xpqy");
  EXPECT_EQ(ReadAll(container_.get()), "x");
  EXPECT_EQ(ReadAll(client_.get()), "");
}

TEST_F(SpliceTest, ClientThatLeavesEndsASilentSession) {
  Start({.input = false, .detach_keys = ""});
  client_.reset();
  EXPECT_EQ(ReadAll(container_.get()), "");
}

TEST_F(SpliceTest, EndIsToldBeforeTheClientSeesIt) {
  std::atomic<bool> told = false;
  Start({.input = false, .detach_keys = "", .container_ended = [&] {
           told = true;
         }});
  Write(container_.get(), "output");
  container_.reset();
  EXPECT_EQ(ReadAll(client_.get()), "output");
  EXPECT_TRUE(told);
}

TEST_F(SpliceTest, ClientThatLeavesIsNoEnd) {
  std::atomic<bool> told = false;
  Start({.input = false, .detach_keys = "", .container_ended = [&] {
           told = true;
         }});
  client_.reset();
  EXPECT_EQ(ReadAll(container_.get()), "");
  EXPECT_FALSE(told);
}

TEST_F(SpliceTest, BothWaysAtOnceDoNotBlockEachOther) {
  Start({.input = true, .detach_keys = ""});
  const std::string data(8 << 20, 'a');
  std::thread echo([this] {
    std::vector<char> buffer(65536);
    ssize_t size;
    while ((size = ::read(container_.get(), buffer.data(), buffer.size())) >
           0) {
      Write(container_.get(), std::string(buffer.data(), size));
    }
    container_.reset();
  });
  std::thread writer([&] {
    size_t done = 0;
    while (done < data.size()) {
      const ssize_t size = ::send(client_.get(), data.data() + done,
                                  data.size() - done, MSG_NOSIGNAL);
      ASSERT_GT(size, 0);
      done += size;
    }
    ::shutdown(client_.get(), SHUT_WR);
  });
  EXPECT_EQ(ReadAll(client_.get()).size(), data.size());
  writer.join();
  echo.join();
}

}  // namespace
}  // namespace tug::gatewayd
