// SPDX-License-Identifier: Apache-2.0
#include "lib/oci/platform.h"

#include <sys/utsname.h>

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/status_macros.h"
#include "lib/oci/json.h"

namespace tug::oci {
namespace {

struct Alias {
  absl::string_view from;
  absl::string_view architecture;
  absl::string_view variant;
};

constexpr Alias kAliases[] = {
    {"x86_64", "amd64", ""},  {"x86-64", "amd64", ""},
    {"i386", "386", ""},      {"i486", "386", ""},
    {"i586", "386", ""},      {"i686", "386", ""},
    {"aarch64", "arm64", ""}, {"armhf", "arm", "v7"},
    {"armel", "arm", "v6"},   {"armv7l", "arm", "v7"},
    {"armv6l", "arm", "v6"},  {"loongarch64", "loong64", ""},
};

bool IsKnownArchitecture(absl::string_view name) {
  for (absl::string_view known :
       {"amd64", "386", "arm", "arm64", "ppc64le", "s390x", "riscv64",
        "loong64", "mips64le", "ppc64", "wasm"}) {
    if (name == known) return true;
  }
  return false;
}

// "v7" is 7; anything else 0.
int VariantNumber(absl::string_view variant) {
  int number = 0;
  if (variant.empty() || variant[0] != 'v') return 0;
  return absl::SimpleAtoi(variant.substr(1), &number) ? number : 0;
}

}  // namespace

std::string Platform::ToString() const {
  std::string text = absl::StrCat(os, "/", architecture);
  if (!variant.empty()) absl::StrAppend(&text, "/", variant);
  return text;
}

Platform NormalizePlatform(Platform platform) {
  absl::AsciiStrToLower(&platform.os);
  absl::AsciiStrToLower(&platform.architecture);
  absl::AsciiStrToLower(&platform.variant);
  if (platform.os == "macos") platform.os = "darwin";
  for (const Alias& alias : kAliases) {
    if (platform.architecture != alias.from) continue;
    platform.architecture = std::string(alias.architecture);
    if (platform.variant.empty()) {
      platform.variant = std::string(alias.variant);
    }
    break;
  }
  if (platform.architecture == "arm") {
    if (platform.variant.empty()) platform.variant = "v7";
    if (platform.variant[0] != 'v') platform.variant.insert(0, "v");
  }
  // v8 and v1 are the only ones meant when nothing is said.
  if (platform.architecture == "arm64" &&
      (platform.variant == "8" || platform.variant == "v8")) {
    platform.variant.clear();
  }
  if (platform.architecture == "amd64" && platform.variant == "v1") {
    platform.variant.clear();
  }
  return platform;
}

absl::StatusOr<Platform> ParsePlatformText(absl::string_view text) {
  const std::vector<std::string> parts = absl::StrSplit(text, '/');
  Platform platform;
  for (const std::string& part : parts) {
    if (part.empty() || parts.size() > 3) {
      return absl::InvalidArgumentError(absl::StrCat(
          "platform \"", text, "\": need os/architecture[/variant]"));
    }
  }
  if (parts.size() == 1) {
    Platform one = NormalizePlatform({"", parts[0], "", ""});
    if (IsKnownArchitecture(one.architecture)) {
      one.os = "linux";
      return one;
    }
    const Platform host = HostPlatform();
    return NormalizePlatform({parts[0], host.architecture, host.variant, ""});
  }
  platform.os = parts[0];
  platform.architecture = parts[1];
  if (parts.size() == 3) platform.variant = parts[2];
  return NormalizePlatform(std::move(platform));
}

absl::StatusOr<Platform> ParsePlatform(const boost::json::object& object) {
  Platform platform;
  RETURN_IF_ERROR(ReadString(object, "architecture", platform.architecture));
  RETURN_IF_ERROR(ReadString(object, "os", platform.os));
  RETURN_IF_ERROR(ReadString(object, "variant", platform.variant));
  RETURN_IF_ERROR(ReadString(object, "os.version", platform.os_version));
  return platform;
}

boost::json::object PlatformToJson(const Platform& platform) {
  boost::json::object object;
  object["architecture"] = platform.architecture;
  object["os"] = platform.os;
  if (!platform.os_version.empty()) {
    object["os.version"] = platform.os_version;
  }
  if (!platform.variant.empty()) object["variant"] = platform.variant;
  return object;
}

Platform HostPlatform() {
  utsname names = {};
  uname(&names);
  return NormalizePlatform({"linux", names.machine, "", ""});
}

int PlatformMatch(const Platform& wanted_raw, const Platform& candidate_raw) {
  const Platform wanted = NormalizePlatform(wanted_raw);
  const Platform candidate = NormalizePlatform(candidate_raw);
  if (wanted.os != candidate.os ||
      wanted.architecture != candidate.architecture) {
    return 0;
  }
  if (wanted.variant == candidate.variant) return 1000;
  const int want = wanted.variant.empty() ? 1 : VariantNumber(wanted.variant);
  const int have =
      candidate.variant.empty() ? 1 : VariantNumber(candidate.variant);
  if (want == 0 || have == 0 || have > want) return 0;
  return 1 + have;
}

}  // namespace tug::oci
