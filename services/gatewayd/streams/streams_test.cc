// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>
#include <utility>

#include "services/gatewayd/streams/detach_keys.h"
#include "services/gatewayd/streams/frame_stripper.h"
#include "services/gatewayd/streams/hijack.h"
#include "services/gatewayd/streams/terminal_size.h"

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
    {"NoControl", "ctrl-1", nullptr}, {"Delete", "DEL", "\x7f"},
    {"Capital", "ctrl-P", nullptr},   {"Capitals", "CTRL-P", nullptr},
};
INSTANTIATE_TEST_SUITE_P(All, DetachKeysTest, testing::ValuesIn(kKeyCases),
                         [](const auto& info) {
                           return std::string(info.param.name);
                         });

struct SizeCase {
  const char* name;
  const char* query;
  const char* error;  // nullptr: 24 by 80.
};

class TerminalSizeTest : public testing::TestWithParam<SizeCase> {};

TEST_P(TerminalSizeTest, IsReadInDockersWords) {
  const auto size = ReadTerminalSize(http::Query(GetParam().query));
  if (GetParam().error != nullptr) {
    EXPECT_EQ(size.status().message(), GetParam().error);
    return;
  }
  ASSERT_TRUE(size.ok()) << size.status();
  EXPECT_EQ(size->height, 24u);
  EXPECT_EQ(size->width, 80u);
}

constexpr SizeCase kSizeCases[] = {
    {"Both", "h=24&w=80", nullptr},
    {"NoHeight", "w=80", "invalid resize height \"\": invalid syntax"},
    {"NoWidth", "h=24", "invalid resize width \"\": invalid syntax"},
    {"Negative", "h=-1&w=80",
     "invalid resize height \"-1\": value out of range"},
    {"NegativeZero", "h=-0&w=80",
     "invalid resize height \"-0\": value out of range"},
    {"TooLarge", "h=24&w=4294967296",
     "invalid resize width \"4294967296\": value out of range"},
    {"Plus", "h=%2B1&w=1", "invalid resize height \"+1\": invalid syntax"},
    {"Letters", "h=-x&w=1", "invalid resize height \"-x\": invalid syntax"},
};
INSTANTIATE_TEST_SUITE_P(All, TerminalSizeTest, testing::ValuesIn(kSizeCases),
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

TEST(FrameStripperTest, LeavesThePayloadAcrossReads) {
  const std::string framed = std::string("\1\0\0\0\0\0\0\3one", 11) +
                             std::string("\2\0\0\0\0\0\0\0", 8) +
                             std::string("\2\0\0\0\0\0\0\2to", 10);
  for (size_t step : {size_t{1}, size_t{7}, framed.size()}) {
    FrameStripper stripper;
    std::string out;
    for (size_t at = 0; at < framed.size(); at += step) {
      stripper.Strip(absl::string_view(framed).substr(at, step), out);
    }
    EXPECT_EQ(out, "oneto") << step;
  }
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
