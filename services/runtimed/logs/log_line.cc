// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/logs/log_line.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace tug::runtimed {
namespace {

constexpr absl::string_view kHead = "{\"log\":\"";
constexpr absl::string_view kStream = ",\"stream\":\"";
constexpr absl::string_view kTime = ",\"time\":\"";
constexpr size_t kFraction = 9;

void AppendUtf8(uint32_t rune, std::string& out) {
  if (rune < 0x80) {
    out += static_cast<char>(rune);
  } else if (rune < 0x800) {
    out += static_cast<char>(0xc0 | rune >> 6);
    out += static_cast<char>(0x80 | (rune & 0x3f));
  } else if (rune < 0x10000) {
    out += static_cast<char>(0xe0 | rune >> 12);
    out += static_cast<char>(0x80 | (rune >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (rune & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | rune >> 18);
    out += static_cast<char>(0x80 | (rune >> 12 & 0x3f));
    out += static_cast<char>(0x80 | (rune >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (rune & 0x3f));
  }
}

// Four hex digits at the front of `rest`.
std::optional<uint32_t> TakeHex(absl::string_view& rest) {
  if (rest.size() < 4) return std::nullopt;
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) {
    const auto c = static_cast<unsigned char>(rest[i]);
    if (!absl::ascii_isxdigit(c)) return std::nullopt;
    const int digit =
        absl::ascii_isdigit(c) ? c - '0' : absl::ascii_tolower(c) - 'a' + 10;
    value = value << 4 | static_cast<uint32_t>(digit);
  }
  rest.remove_prefix(4);
  return value;
}

bool TakeUnicode(absl::string_view& rest, std::string& out) {
  std::optional<uint32_t> rune = TakeHex(rest);
  if (!rune.has_value()) return false;
  const bool high = *rune >= 0xd800 && *rune < 0xdc00;
  absl::string_view next = rest;
  if (high && absl::ConsumePrefix(&next, "\\u")) {
    const std::optional<uint32_t> low = TakeHex(next);
    if (low.has_value() && *low >= 0xdc00 && *low < 0xe000) {
      rune = 0x10000 + ((*rune - 0xd800) << 10) + (*low - 0xdc00);
      rest = next;
    }
  }
  if (*rune >= 0xd800 && *rune < 0xe000) rune = 0xfffd;
  AppendUtf8(*rune, out);
  return true;
}

bool TakeEscape(absl::string_view& rest, std::string& out) {
  if (rest.empty()) return false;
  const char c = rest[0];
  rest.remove_prefix(1);
  switch (c) {
    case 'n':
      out += '\n';
      return true;
    case 'r':
      out += '\r';
      return true;
    case 't':
      out += '\t';
      return true;
    case 'b':
      out += '\b';
      return true;
    case 'f':
      out += '\f';
      return true;
    case 'u':
      return TakeUnicode(rest, out);
    case '"':
    case '\\':
    case '/':
      out += c;
      return true;
    default:
      return false;
  }
}

// Takes a JSON string whose opening quote is gone, with its closing one.
bool TakeString(absl::string_view& rest, std::string& out) {
  for (;;) {
    const size_t plain = rest.find_first_of("\"\\");
    if (plain == absl::string_view::npos) return false;
    out.append(rest.data(), plain);
    const char stop = rest[plain];
    rest.remove_prefix(plain + 1);
    if (stop == '"') return true;
    if (!TakeEscape(rest, out)) return false;
  }
}

}  // namespace

std::optional<LogLine> ParseLogLine(absl::string_view line) {
  LogLine parsed;
  absl::string_view rest = line;
  if (!absl::ConsumePrefix(&rest, kHead)) return std::nullopt;
  parsed.text.reserve(rest.size());
  if (!TakeString(rest, parsed.text)) return std::nullopt;
  if (!absl::ConsumePrefix(&rest, kStream)) return std::nullopt;
  parsed.is_stderr = absl::StartsWith(rest, "stderr\"");
  if (!parsed.is_stderr && !absl::StartsWith(rest, "stdout\"")) {
    return std::nullopt;
  }
  // Last of all keys; what attributes stand before it does not matter.
  const size_t at = rest.rfind(kTime);
  if (at == absl::string_view::npos) return std::nullopt;
  rest.remove_prefix(at + kTime.size());
  const size_t end = rest.find('"');
  if (end == absl::string_view::npos) return std::nullopt;
  parsed.time = rest.substr(0, end);
  return parsed;
}

std::string PadLogTime(absl::string_view time) {
  const size_t zone = time.find_last_of("Z+-");
  if (zone == absl::string_view::npos) return std::string(time);
  absl::string_view front = time.substr(0, zone);
  const size_t dot = front.find('.');
  std::string padded(front);
  size_t digits = 0;
  if (dot == absl::string_view::npos) {
    padded += '.';
  } else {
    digits = front.size() - dot - 1;
  }
  if (digits < kFraction) padded.append(kFraction - digits, '0');
  return absl::StrCat(padded, time.substr(zone));
}

absl::Time ParseLogTime(absl::string_view text) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, &error)) {
    return absl::InfinitePast();
  }
  return time;
}

}  // namespace tug::runtimed
