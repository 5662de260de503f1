// SPDX-License-Identifier: Apache-2.0
//
// Replays good messages, cut off at every byte and with every byte changed.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

constexpr const char* kSeeds[] = {
    "POST /a?b=c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    "3;e=f\r\nabc\r\n0\r\nT: t\r\n\r\n",
    "PUT / HTTP/1.0\r\nContent-Length: 3\r\nConnection: keep-alive\r\n\r\nabc",
    "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nraw",
    "HTTP/1.1 200 OK\r\n\r\nuntil the end",
    "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n",
};
constexpr char kBytes[] = {'\0', '\r', '\n', ' ', ':', '0', 'f', '\xff'};

void Feed(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()),
                         input.size());
}

TEST(MessageFuzzTest, SeedsAndTheirNeighboursDoNoHarm) {
  for (const std::string seed : kSeeds) {
    for (size_t i = 0; i <= seed.size(); ++i) {
      Feed(seed.substr(0, i));
      for (const char byte : kBytes) {
        std::string changed = seed;
        if (i < seed.size()) changed[i] = byte;
        Feed(changed);
        Feed(seed.substr(0, i) + byte + seed.substr(i));
      }
    }
  }
}

}  // namespace
