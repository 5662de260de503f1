// SPDX-License-Identifier: Apache-2.0
#include "services/volumed/drivers/local/local_options.h"

#include <sys/mount.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "lib/base/status.h"

namespace tug::volumed {
namespace {

// The kernel takes one page of mount data.
constexpr size_t kMaxOptionBytes = 4000;

struct Flag {
  const char* name;
  unsigned long set;
  unsigned long clear;
};

constexpr Flag kFlags[] = {
    {"async", 0, MS_SYNCHRONOUS},
    {"atime", 0, MS_NOATIME},
    {"bind", MS_BIND, 0},
    {"defaults", 0, 0},
    {"dev", 0, MS_NODEV},
    {"diratime", 0, MS_NODIRATIME},
    {"dirsync", MS_DIRSYNC, 0},
    {"exec", 0, MS_NOEXEC},
    {"noatime", MS_NOATIME, 0},
    {"nodev", MS_NODEV, 0},
    {"nodiratime", MS_NODIRATIME, 0},
    {"noexec", MS_NOEXEC, 0},
    {"norelatime", 0, MS_RELATIME},
    {"nostrictatime", 0, MS_STRICTATIME},
    {"nosuid", MS_NOSUID, 0},
    {"rbind", MS_BIND | MS_REC, 0},
    {"relatime", MS_RELATIME, 0},
    {"ro", MS_RDONLY, 0},
    {"rw", 0, MS_RDONLY},
    {"strictatime", MS_STRICTATIME, 0},
    {"suid", 0, MS_NOSUID},
    {"sync", MS_SYNCHRONOUS, 0},
};

absl::Status Invalid(const std::string& message) {
  return WithReason(absl::InvalidArgumentError(message),
                    "VOLUME_OPTIONS_INVALID");
}

bool HasBadByte(absl::string_view text) {
  return text.size() > kMaxOptionBytes ||
         std::any_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_iscntrl(static_cast<unsigned char>(c));
         });
}

bool TakeFlag(absl::string_view word, unsigned long& flags) {
  for (const Flag& flag : kFlags) {
    if (word != flag.name) continue;
    flags = (flags & ~flag.clear) | flag.set;
    return true;
  }
  return false;
}

void TakeWords(absl::string_view o, LocalOptions& parsed) {
  for (const absl::string_view word : absl::StrSplit(o, ',')) {
    if (word.empty() || TakeFlag(word, parsed.flags)) continue;
    absl::string_view address = word;
    if (absl::ConsumePrefix(&address, "addr=")) {
      parsed.address = std::string(address);
      continue;
    }
    absl::StrAppend(&parsed.data, parsed.data.empty() ? "" : ",", word);
  }
}

absl::Status CheckTogether(const std::map<std::string, std::string>& options) {
  const auto given = [&options](const char* key) {
    const auto found = options.find(key);
    return found != options.end() && !found->second.empty();
  };
  const auto need = [&given](const char* key) {
    return given(key) ? absl::OkStatus()
                      : Invalid(absl::StrCat("missing required option: \"", key,
                                             "\""));
  };
  if (given("o") || given("type")) {
    const absl::Status device = need("device");
    if (!device.ok()) return device;
  }
  return given("o") || given("device") ? need("type") : absl::OkStatus();
}

}  // namespace

absl::StatusOr<LocalOptions> ParseLocalOptions(
    const std::map<std::string, std::string>& options) {
  LocalOptions parsed;
  for (const auto& [key, value] : options) {
    if (HasBadByte(value)) {
      return Invalid(absl::StrCat("invalid value of option \"", key, "\""));
    }
    if (key == "type") {
      parsed.type = value;
    } else if (key == "device") {
      parsed.device = value;
    } else if (key == "o") {
      TakeWords(value, parsed);
    } else if (key == "size") {
      return Invalid("quota size requested but no quota support");
    } else {
      return Invalid(absl::StrCat("invalid option: \"", key, "\""));
    }
  }
  const absl::Status together = CheckTogether(options);
  if (!together.ok()) return together;
  const bool bind = (parsed.flags & MS_BIND) != 0;
  if (bind && parsed.device[0] != '/') {
    return Invalid(absl::StrCat("device \"", parsed.device,
                                "\" of a bind is no absolute path"));
  }
  return parsed;
}

}  // namespace tug::volumed
