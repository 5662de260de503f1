// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/server/json_syntax.h"

#include <string>

#include "gtest/gtest.h"

namespace tug::gatewayd {
namespace {

struct SyntaxCase {
  const char* text;
  const char* explanation;
};

TEST(JsonSyntaxTest, SpeaksAsDockersDecoder) {
  constexpr SyntaxCase kCases[] = {
      {"", "EOF"},
      {"  ", "EOF"},
      {"{", "unexpected EOF"},
      {"{\"a", "unexpected EOF"},
      {"zz", "invalid character 'z' looking for beginning of value"},
      {"{\"a\":}", "invalid character '}' looking for beginning of value"},
      {"{bad",
       "invalid character 'b' looking for beginning of object key string"},
      {"{\"a\" 1}", "invalid character '1' after object key"},
      {"{\"a\":1 2}", "invalid character '2' after object key:value pair"},
      {"[1 2]", "invalid character '2' after array element"},
      {"{\"a\":1,}",
       "invalid character '}' looking for beginning of object key string"},
      {"[1,]", "invalid character ']' looking for beginning of value"},
      {"{\"a\":\"\n\"}", "invalid character '\\n' in string literal"},
      {"{\"a\":\"\\x\"}", "invalid character 'x' in string escape code"},
      {"{\"a\":\"\\u12g4\"}",
       "invalid character 'g' in \\u hexadecimal character escape"},
      {"-x", "invalid character 'x' in numeric literal"},
      {"[1.x]", "invalid character 'x' after decimal point in numeric literal"},
      {"[1ex]", "invalid character 'x' in exponent of numeric literal"},
      {"tru3", "invalid character '3' in literal true (expecting 'e')"},
      {"{'a'}",
       "invalid character '\\'' looking for beginning of object key string"},
      {"{}", ""},
      {"{\"a\":[1,{\"b\":null}],\"c\":-0.5e3} trailing", ""},
      {"\"x\"", ""},
  };
  for (const SyntaxCase& c : kCases) {
    EXPECT_EQ(ExplainJsonSyntax(c.text), c.explanation) << c.text;
  }
}

TEST(JsonSyntaxTest, DepthDoesNotMatter) {
  EXPECT_EQ(ExplainJsonSyntax(std::string(1000000, '[')), "unexpected EOF");
}

}  // namespace
}  // namespace tug::gatewayd
