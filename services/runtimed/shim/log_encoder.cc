// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/shim/log_encoder.h"

#include <cstring>
#include <ctime>

namespace tug::runtimed {
namespace {

constexpr char kHex[] = "0123456789abcdef";
constexpr int64_t kNanosecondsPerSecond = 1000000000;

// How a byte is written. ASCII that Go's encoder escapes for HTML's sake, too.
enum class ByteClass : uint8_t { kPlain, kEscape, kMultibyte };

struct ByteClasses {
  ByteClass of[256];
};

constexpr ByteClasses MakeClasses() {
  ByteClasses classes = {};
  for (int i = 0; i < 256; ++i) {
    const bool special =
        i < 0x20 || i == '"' || i == '\\' || i == '<' || i == '>' || i == '&';
    classes.of[i] = i >= 0x80 ? ByteClass::kMultibyte
                    : special ? ByteClass::kEscape
                              : ByteClass::kPlain;
  }
  return classes;
}
constexpr ByteClasses kClasses = MakeClasses();

ByteClass ClassOf(char byte) {
  return kClasses.of[static_cast<unsigned char>(byte)];
}

bool IsContinuation(const unsigned char* byte, unsigned low, unsigned high) {
  return *byte >= low && *byte <= high;
}

// Length of the well-formed UTF-8 sequence at `at`, 0 if there is none
// (Unicode, table 3-7).
size_t SequenceSize(const char* at, const char* end) {
  const auto* b = reinterpret_cast<const unsigned char*>(at);
  const auto left = static_cast<size_t>(end - at);
  if (b[0] >= 0xc2 && b[0] <= 0xdf) {
    return left >= 2 && IsContinuation(b + 1, 0x80, 0xbf) ? 2 : 0;
  }
  if (b[0] >= 0xe0 && b[0] <= 0xef) {
    const unsigned low = b[0] == 0xe0 ? 0xa0 : 0x80;
    const unsigned high = b[0] == 0xed ? 0x9f : 0xbf;
    return left >= 3 && IsContinuation(b + 1, low, high) &&
                   IsContinuation(b + 2, 0x80, 0xbf)
               ? 3
               : 0;
  }
  if (b[0] >= 0xf0 && b[0] <= 0xf4) {
    const unsigned low = b[0] == 0xf0 ? 0x90 : 0x80;
    const unsigned high = b[0] == 0xf4 ? 0x8f : 0xbf;
    return left >= 4 && IsContinuation(b + 1, low, high) &&
                   IsContinuation(b + 2, 0x80, 0xbf) &&
                   IsContinuation(b + 3, 0x80, 0xbf)
               ? 4
               : 0;
  }
  return 0;
}

char* Put(char* out, const char* text, size_t size) {
  memcpy(out, text, size);
  return out + size;
}

char* PutEscape(char* out, unsigned char byte) {
  *out++ = '\\';
  switch (byte) {
    case '"':
    case '\\':
      *out++ = static_cast<char>(byte);
      return out;
    case '\n':
      *out++ = 'n';
      return out;
    case '\r':
      *out++ = 'r';
      return out;
    default:
      out = Put(out, "u00", 3);
      *out++ = kHex[byte >> 4];
      *out++ = kHex[byte & 15];
      return out;
  }
}

// Writes the sequence at `*at` and moves past it. U+2028 and U+2029 end lines
// in JavaScript; invalid bytes become the replacement character, one each.
char* PutMultibyte(char* out, const char** at, const char* end) {
  const size_t size = SequenceSize(*at, end);
  const char* begin = *at;
  *at += size == 0 ? 1 : size;
  if (size == 0) return Put(out, "\\ufffd", 6);
  const bool separator = size == 3 && (memcmp(begin, "\xe2\x80\xa8", 3) == 0 ||
                                       memcmp(begin, "\xe2\x80\xa9", 3) == 0);
  if (!separator) return Put(out, begin, size);
  return Put(out, begin[2] == '\xa8' ? "\\u2028" : "\\u2029", 6);
}

char* PutNumber(char* out, int value, int digits) {
  for (int i = digits - 1; i >= 0; --i) {
    out[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  return out + digits;
}

}  // namespace

size_t FormatLogTime(int64_t nanoseconds, char* text) {
  const time_t seconds = nanoseconds / kNanosecondsPerSecond;
  auto fraction = static_cast<int>(nanoseconds % kNanosecondsPerSecond);
  tm parts = {};
  gmtime_r(&seconds, &parts);
  char* out = PutNumber(text, parts.tm_year + 1900, 4);
  *out++ = '-';
  out = PutNumber(out, parts.tm_mon + 1, 2);
  *out++ = '-';
  out = PutNumber(out, parts.tm_mday, 2);
  *out++ = 'T';
  out = PutNumber(out, parts.tm_hour, 2);
  *out++ = ':';
  out = PutNumber(out, parts.tm_min, 2);
  *out++ = ':';
  out = PutNumber(out, parts.tm_sec, 2);
  if (fraction != 0) {
    int digits = 9;
    for (; fraction % 10 == 0; --digits) fraction /= 10;
    *out++ = '.';
    out = PutNumber(out, fraction, digits);
  }
  *out++ = 'Z';
  return static_cast<size_t>(out - text);
}

size_t EscapeJson(const char* bytes, size_t size, char* out) {
  char* const start = out;
  const char* const end = bytes + size;
  while (bytes < end) {
    const char* run = bytes;
    while (run < end && ClassOf(*run) == ByteClass::kPlain) ++run;
    out = Put(out, bytes, static_cast<size_t>(run - bytes));
    bytes = run;
    if (bytes == end) break;
    if (ClassOf(*bytes) == ByteClass::kEscape) {
      out = PutEscape(out, static_cast<unsigned char>(*bytes++));
    } else {
      out = PutMultibyte(out, &bytes, end);
    }
  }
  return static_cast<size_t>(out - start);
}

void LogEncoder::Open(LogSink* sink, const char* stream,
                      const char* attributes) {
  sink_ = sink;
  char* out = Put(middle_, "\",\"stream\":\"", 12);
  out = Put(out, stream, strlen(stream));
  *out++ = '"';
  const size_t size = strlen(attributes);
  if (size > 0 && size < kMaxLogAttributes) {
    out = Put(out, ",\"attrs\":", 9);
    out = Put(out, attributes, size);
  }
  out = Put(out, ",\"time\":\"", 9);
  middle_size_ = static_cast<size_t>(out - middle_);
}

void LogEncoder::Emit(const char* bytes, size_t size, bool newline,
                      int64_t time) {
  if (time != text_time_) {
    text_size_ = FormatLogTime(time, text_);
    text_time_ = time;
  }
  char* const start = sink_->Reserve();
  char* out = Put(start, "{\"log\":\"", 8);
  out += EscapeJson(bytes, size, out);
  if (newline) out = Put(out, "\\n", 2);
  out = Put(out, middle_, middle_size_);
  out = Put(out, text_, text_size_);
  out = Put(out, "\"}\n", 3);
  sink_->Commit(static_cast<size_t>(out - start));
}

void LogEncoder::EmitPart(const char* bytes, size_t size, int64_t time) {
  if (part_time_ == 0) part_time_ = time;
  Emit(bytes, size, false, part_time_);
}

void LogEncoder::Feed(const char* bytes, size_t size, int64_t time) {
  while (size > 0) {
    const size_t room = kMaxLogPart - pending_size_;
    const size_t look = size < room ? size : room;
    const void* newline = memchr(bytes, '\n', look);
    const size_t take =
        newline != nullptr
            ? static_cast<size_t>(static_cast<const char*>(newline) - bytes)
            : look;
    const char* line = bytes;
    size_t line_size = take;
    const bool complete = newline != nullptr || take == room;
    if (pending_size_ > 0 || !complete) {
      memcpy(pending_ + pending_size_, bytes, take);
      pending_size_ += take;
      line = pending_;
      line_size = pending_size_;
    }
    if (newline != nullptr) {
      Emit(line, line_size, true, part_time_ != 0 ? part_time_ : time);
      part_time_ = 0;
    } else if (complete) {
      EmitPart(line, line_size, time);
    }
    if (complete) pending_size_ = 0;
    const size_t used = take + (newline != nullptr ? 1 : 0);
    bytes += used;
    size -= used;
  }
}

void LogEncoder::Finish(int64_t time) {
  if (pending_size_ > 0) EmitPart(pending_, pending_size_, time);
  pending_size_ = 0;
}

}  // namespace tug::runtimed
