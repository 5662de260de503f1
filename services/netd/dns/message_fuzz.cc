// SPDX-License-Identifier: Apache-2.0
//
// What the parser of DNS messages must survive: anything. As a test it mutates
// a small corpus with a fixed seed; LLVMFuzzerTestOneInput is libFuzzer's.
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

#include "gtest/gtest.h"
#include "services/netd/dns/message.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace dns = tug::netd::dns;
  const absl::string_view message(reinterpret_cast<const char*>(data), size);
  const auto question = dns::ParseQuestion(message);
  if (question.ok()) {
    (void)dns::ParseReverseName(question->name);
    dns::Answer answer;
    answer.pointer = question->name;
    const std::string wire =
        dns::BuildAnswer(*question, answer, dns::kPlainUdpSize);
    (void)dns::ParseReply(wire, *question);
    (void)dns::ParseReply(message, *question);
  }
  return 0;
}

namespace {

const std::string kCorpus[] = {
    std::string("\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03web\x00"
                "\x00\x01\x00\x01",
                21),
    // EDNS with an option.
    std::string("\x00\x01\x01\x20\x00\x01\x00\x00\x00\x00\x00\x01\x01"
                "a\x01"
                "b\x00\x00\x1c\x00\x01\x00\x00\x29\x04\xd0\x00\x00\x00\x00"
                "\x00\x0c\x00\x0a\x00\x08\x01\x02\x03\x04\x05\x06\x07\x08",
                44),
    // A name that points at itself.
    std::string("\x00\x01\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\xc0\x0c\x00"
                "\x01\x00\x01",
                18),
    std::string("\x00\x01\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00\x01x\x00\x00"
                "\x01\x00\x01\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04"
                "\x0a\x00\x00\x02",
                35),
};
constexpr int kRounds = 20000;

TEST(MessageFuzz, SurvivesMutations) {
  std::mt19937 random(1);
  for (int round = 0; round < kRounds; ++round) {
    std::string message = kCorpus[random() % std::size(kCorpus)];
    for (unsigned i = random() % 6; i > 0; --i) {
      message[random() % message.size()] = static_cast<char>(random());
    }
    if (random() % 4 == 0) message.resize(random() % (message.size() + 1));
    if (random() % 8 == 0) message.append(random() % 64, '\xc0');
    LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(message.data()),
                           message.size());
  }
}

}  // namespace
