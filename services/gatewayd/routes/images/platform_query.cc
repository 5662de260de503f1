// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/routes/images/platform_query.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "boost/json/parse.hpp"
#include "boost/json/value.hpp"
#include "lib/base/status_macros.h"
#include "lib/oci/platform.h"
#include "services/gatewayd/server/docker_error.h"
#include "services/gatewayd/translate/json_read.h"

namespace tug::gatewayd {
namespace {

namespace json = boost::json;

// One word alone must be one of these; in "os/arch" anything may stand.
constexpr absl::string_view kKnownWords[] = {
    "linux",   "windows", "darwin", "freebsd",  "netbsd",  "openbsd", "solaris",
    "android", "wasi",    "386",    "amd64",    "arm",     "arm64",   "i386",
    "x86_64",  "x86-64",  "armhf",  "armel",    "aarch64", "ppc64",   "ppc64le",
    "riscv64", "s390x",   "mips",   "mips64le", "loong64", "wasm"};

bool IsKnown(absl::string_view text) {
  if (absl::StrContains(text, '/')) return true;
  for (absl::string_view word : kKnownWords) {
    if (absl::EqualsIgnoreCase(word, text)) return true;
  }
  return false;
}

image::v1::Platform ToProto(oci::Platform platform) {
  platform = oci::NormalizePlatform(std::move(platform));
  image::v1::Platform proto;
  proto.set_os(platform.os);
  proto.set_architecture(platform.architecture);
  proto.set_variant(platform.variant);
  proto.set_os_version(platform.os_version);
  return proto;
}

}  // namespace

absl::StatusOr<std::optional<image::v1::Platform>> ParsePlatformJson(
    const std::string& text) {
  using Result = std::optional<image::v1::Platform>;
  if (text.empty()) return Result();
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  if (error || !value.is_object()) {
    return DockerError(
        400,
        absl::StrCat("failed to parse platform: invalid character '",
                     text.substr(0, 1), "' looking for beginning of value"));
  }
  const JsonReader reader(value.get_object(), {"Platform", ""});
  oci::Platform platform;
  ASSIGN_OR_RETURN(platform.os, reader.String("os"));
  ASSIGN_OR_RETURN(platform.architecture, reader.String("architecture"));
  ASSIGN_OR_RETURN(platform.variant, reader.String("variant"));
  ASSIGN_OR_RETURN(platform.os_version, reader.String("os.version"));
  if (platform.os.empty() || platform.architecture.empty()) {
    return DockerError(400,
                       "both OS and Architecture must be provided for a "
                       "platform");
  }
  return Result(ToProto(std::move(platform)));
}

absl::StatusOr<std::optional<image::v1::Platform>> ParsePlatformPath(
    const std::string& text) {
  using Result = std::optional<image::v1::Platform>;
  if (text.empty()) return Result();
  if (text.front() == '{') return ParsePlatformJson(text);
  absl::StatusOr<oci::Platform> platform = oci::ParsePlatformText(text);
  if (!platform.ok() || !IsKnown(text)) {
    return DockerError(
        400, absl::StrCat("\"", text,
                          "\": unknown operating system or architecture: "
                          "invalid argument"));
  }
  const oci::Platform host = oci::HostPlatform();
  if (platform->os.empty()) platform->os = host.os;
  if (platform->architecture.empty()) {
    platform->architecture = host.architecture;
    platform->variant = host.variant;
  }
  return Result(ToProto(*std::move(platform)));
}

std::string PlatformText(const image::v1::Platform& platform) {
  return absl::StrCat(platform.os(), "/", platform.architecture(),
                      platform.variant().empty() ? "" : "/",
                      platform.variant());
}

}  // namespace tug::gatewayd
