// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/streams/detach_keys.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace tug::gatewayd {
namespace {

constexpr absl::string_view kDefaultKeys = "ctrl-p,ctrl-q";
constexpr absl::string_view kControl = "ctrl-";

constexpr int kDelete = 127;

// One key as a byte; -1 when it is none. Names are in lower case but for DEL.
int KeyByte(absl::string_view key) {
  if (key.size() == 1) return static_cast<unsigned char>(key[0]);
  if (key == "DEL") return kDelete;
  if (!absl::StartsWith(key, kControl) || key.size() != kControl.size() + 1) {
    return -1;
  }
  const char c = key.back();
  if (c >= 'a' && c <= 'z') return c - 'a' + 1;
  switch (c) {
    case '@':
      return 0;
    case '[':
      return 27;
    case '\\':
      return 28;
    case ']':
      return 29;
    case '^':
      return 30;
    case '_':
      return 31;
    default:
      return -1;
  }
}

}  // namespace

absl::StatusOr<std::string> ParseDetachKeys(absl::string_view text) {
  std::string keys;
  for (absl::string_view key :
       absl::StrSplit(text.empty() ? kDefaultKeys : text, ',')) {
    const int byte = KeyByte(key);
    if (byte < 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("Invalid detach keys (", text, ") provided"));
    }
    keys.push_back(static_cast<char>(byte));
  }
  return keys;
}

bool DetachScanner::Scan(absl::string_view in, std::string& out) {
  for (const char c : in) {
    if (c == keys_[matched_]) {
      if (++matched_ == keys_.size()) return true;
      continue;
    }
    // What was held back is plain input after all; its end may be the
    // beginning of the keys again.
    std::string held = keys_.substr(0, matched_) + c;
    matched_ = 0;
    for (size_t keep = std::min(held.size(), keys_.size() - 1); keep > 0;
         --keep) {
      if (absl::EndsWith(held, keys_.substr(0, keep))) {
        matched_ = keep;
        break;
      }
    }
    out.append(held, 0, held.size() - matched_);
  }
  return false;
}

}  // namespace tug::gatewayd
