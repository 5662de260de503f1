// SPDX-License-Identifier: Apache-2.0
#include "lib/base/id.h"

#include <sys/random.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "lib/base/check.h"

namespace tug {
namespace {

constexpr size_t kIdBytes = 32;
constexpr size_t kShortDigits = 12;

}  // namespace

std::string RandomBytes(size_t size) {
  std::string bytes(size, '\0');
  size_t filled = 0;
  while (filled < size) {
    const ssize_t got = getrandom(bytes.data() + filled, size - filled, 0);
    CHECK(got > 0 || errno == EINTR);
    if (got > 0) filled += static_cast<size_t>(got);
  }
  return bytes;
}

std::string NewId() {
  for (;;) {
    std::string id = absl::BytesToHexString(RandomBytes(kIdBytes));
    const absl::string_view head = ShortId(id);
    if (!std::all_of(head.begin(), head.end(), absl::ascii_isdigit)) return id;
  }
}

bool IsId(absl::string_view text) {
  return text.size() == kIdBytes * 2 &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isdigit(c) || (c >= 'a' && c <= 'f');
         });
}

absl::string_view ShortId(absl::string_view id) {
  return id.substr(0, kShortDigits);
}

}  // namespace tug
