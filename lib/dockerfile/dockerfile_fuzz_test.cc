// SPDX-License-Identifier: Apache-2.0
//
// Replays the corpus, and every prefix of it with one byte changed.
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "gtest/gtest.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

void Feed(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()),
                         input.size());
}

TEST(DockerfileFuzzTest, CorpusAndItsNeighboursDoNotCrash) {
  int count = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator("lib/dockerfile/fuzz_corpus")) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string input((std::istreambuf_iterator<char>(file)),
                            std::istreambuf_iterator<char>());
    Feed(input);
    for (size_t i = 0; i < input.size(); ++i) {
      Feed(input.substr(0, i));
      std::string changed = input;
      changed[i] = static_cast<char>(changed[i] ^ 0x5a);
      Feed(changed);
    }
    ++count;
  }
  EXPECT_GT(count, 4);
}

}  // namespace
