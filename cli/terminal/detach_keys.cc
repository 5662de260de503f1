// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal/detach_keys.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace tug::cli {
namespace {

// The byte of one key; -1 if there is no such key.
int KeyByte(absl::string_view key) {
  if (key.size() == 1) return static_cast<unsigned char>(key[0]);
  if (!absl::ConsumePrefix(&key, "ctrl-") || key.size() != 1) return -1;
  const char c = absl::ascii_tolower(static_cast<unsigned char>(key[0]));
  if (c >= 'a' && c <= 'z') return c - 'a' + 1;
  if (c == '@') return 0;
  if (c >= '[' && c <= '_') return c - '[' + 27;
  return -1;
}

}  // namespace

absl::StatusOr<std::string> ParseDetachKeys(absl::string_view text) {
  std::string keys;
  if (text.empty()) return keys;
  for (const absl::string_view key : absl::StrSplit(text, ',')) {
    const int byte = KeyByte(key);
    if (byte < 0) {
      return absl::InvalidArgumentError(absl::StrCat(
          "invalid detach keys (", text, "): unknown key '", key, "'"));
    }
    keys.push_back(static_cast<char>(byte));
  }
  return keys;
}

bool DetachKeys::Filter(absl::string_view typed, std::string& out) {
  for (const char c : typed) {
    if (keys_.empty()) {
      out.push_back(c);
      continue;
    }
    if (c == keys_[matched_]) {
      if (++matched_ == keys_.size()) return true;
      continue;
    }
    out.append(keys_, 0, matched_);
    matched_ = 0;
    // The key that broke the sequence may begin it anew.
    if (c == keys_[0]) {
      matched_ = 1;
      if (keys_.size() == 1) return true;
    } else {
      out.push_back(c);
    }
  }
  return false;
}

}  // namespace tug::cli
