// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/operations/mount_syntax.h"

#include <filesystem>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "lib/base/status_macros.h"
#include "services/gatewayd/server/docker_error.h"

namespace tug::gatewayd {
namespace {

using runtime::v1::Mount;

// What a mode such as "ro,Z,nocopy" says.
struct Mode {
  bool read_only = false;
  bool no_copy = false;
  std::string propagation;
};

bool IsPropagation(absl::string_view word) {
  return word == "private" || word == "rprivate" || word == "shared" ||
         word == "rshared" || word == "slave" || word == "rslave";
}

// Whether `text` is a mode: known words, at most one of each kind.
bool ParseMode(absl::string_view text, Mode& mode) {
  if (text.empty()) return true;
  int access = 0, label = 0, propagation = 0, copy = 0, consistency = 0;
  for (absl::string_view word : absl::StrSplit(text, ',')) {
    if (word == "ro" || word == "rw") {
      ++access;
      mode.read_only = word == "ro";
    } else if (word == "z" || word == "Z") {
      ++label;
    } else if (IsPropagation(word)) {
      ++propagation;
      mode.propagation = std::string(word);
    } else if (word == "nocopy") {
      ++copy;
      mode.no_copy = true;
    } else if (word == "consistent" || word == "cached" ||
               word == "delegated") {
      ++consistency;
    } else {
      return false;
    }
  }
  return access < 2 && label < 2 && propagation < 2 && copy < 2 &&
         consistency < 2;
}

// Docker answers 500 to a malformed bind.
absl::Status InvalidBind(const std::string& text, absl::string_view why) {
  return DockerError(500, absl::StrCat("invalid volume specification: '", text,
                                       "'", why.empty() ? "" : ": ", why));
}

absl::Status InvalidMount(absl::string_view type, absl::string_view why) {
  return DockerError(
      400, absl::StrCat("invalid mount config for type \"", type, "\": ", why));
}

// Why `target` cannot be mounted on; empty when it can.
std::string TargetProblem(const std::string& target) {
  if (target.empty()) return "field Target must not be empty";
  if (!absl::StartsWith(target, "/")) {
    return absl::StrCat("invalid mount path: '", target,
                        "' mount path must be absolute");
  }
  if (CleanPath(target) == "/") {
    return "invalid specification: destination can't be '/'";
  }
  return "";
}

// Relative, and not above its own root.
bool IsLocalPath(absl::string_view path) {
  int depth = 0;
  for (absl::string_view part : absl::StrSplit(path, '/')) {
    if (part == "..")
      --depth;
    else if (!part.empty() && part != ".")
      ++depth;
    if (depth < 0) return false;
  }
  return !absl::StartsWith(path, "/");
}

absl::Status CheckForeignOptions(const Mount& mount) {
  const auto refuse = [&](const char* field) {
    return DockerError(400, absl::StrCat(field,
                                         " must not be specified on mount type "
                                         "\"",
                                         mount.type(), "\""));
  };
  const std::string& type = mount.type();
  if (type != "bind" && mount.has_bind_options()) return refuse("BindOptions");
  if (type != "volume" && mount.has_volume_options()) {
    return refuse("VolumeOptions");
  }
  if (type != "tmpfs" && mount.has_tmpfs_options()) {
    return refuse("TmpfsOptions");
  }
  if (type != "image" && mount.has_image_options()) {
    return refuse("ImageOptions");
  }
  return absl::OkStatus();
}

absl::Status FillBind(const Mount& mount, PlannedMount& planned) {
  if (mount.source().empty()) {
    return InvalidMount("bind", "field Source must not be empty");
  }
  const Mount::BindOptions& options = mount.bind_options();
  if (!options.propagation().empty() && !IsPropagation(options.propagation())) {
    return InvalidMount("bind", absl::StrCat("invalid propagation mode: ",
                                             options.propagation()));
  }
  if (!absl::StartsWith(mount.source(), "/")) {
    return InvalidMount("bind",
                        absl::StrCat("invalid mount path: '", mount.source(),
                                     "' mount path must be absolute"));
  }
  runtime::v1::MountPoint& point = planned.point;
  point.set_source(CleanPath(mount.source()));
  point.set_propagation(options.propagation().empty() ? "rprivate"
                                                      : options.propagation());
  point.set_non_recursive(options.non_recursive());
  point.set_create_source(options.create_mountpoint());
  point.set_read_only_non_recursive(options.read_only_non_recursive());
  point.set_read_only_force_recursive(options.read_only_force_recursive());
  return absl::OkStatus();
}

absl::Status FillVolume(const Mount& mount, PlannedMount& planned) {
  const Mount::VolumeOptions& options = mount.volume_options();
  if (!options.subpath().empty()) {
    if (mount.source().empty()) {
      return InvalidMount("volume",
                          "must not set Subpath when using anonymous volumes");
    }
    if (!IsLocalPath(options.subpath())) {
      return InvalidMount("volume",
                          "subpath must be a relative path within the volume");
    }
  }
  if (mount.source().empty() && mount.read_only()) {
    return InvalidMount(
        "volume", "must not set ReadOnly mode when using anonymous volumes");
  }
  planned.point.set_name(mount.source());
  planned.point.set_mode("z");
  planned.point.set_subpath(options.subpath());
  planned.point.set_driver(options.driver_config().name());
  planned.no_copy = options.no_copy();
  planned.has_options = options.driver_config().has_options();
  const auto& driver = options.driver_config().options().values();
  planned.options = {driver.begin(), driver.end()};
  const auto& labels = options.labels().values();
  planned.labels = {labels.begin(), labels.end()};
  return absl::OkStatus();
}

absl::Status FillTmpfs(const Mount& mount, PlannedMount& planned) {
  if (!mount.source().empty()) {
    return InvalidMount("tmpfs", "field Source must not be specified");
  }
  std::vector<std::string> words;
  const Mount::TmpfsOptions& options = mount.tmpfs_options();
  if (options.size_bytes() > 0) {
    words.push_back(absl::StrCat("size=", options.size_bytes()));
  }
  if (options.mode() != 0) {
    // Octal without a prefix, as mount(8) has it.
    words.push_back(absl::StrFormat("mode=%o", options.mode() & 07777));
  }
  for (const auto& option : options.options()) {
    words.push_back(absl::StrJoin(option.values(), "="));
  }
  planned.point.set_tmpfs_options(absl::StrJoin(words, ","));
  return absl::OkStatus();
}

}  // namespace

std::string CleanPath(absl::string_view path) {
  std::string clean =
      std::filesystem::path(absl::StrCat("/", std::string(path)))
          .lexically_normal()
          .native();
  // Two leading slashes survive lexically_normal().
  while (clean.size() > 1 && clean[1] == '/') clean.erase(0, 1);
  while (clean.size() > 1 && clean.back() == '/') clean.pop_back();
  return clean;
}

absl::StatusOr<PlannedMount> ParseBind(const std::string& text,
                                       const std::string& volume_driver) {
  const std::vector<std::string> parts =
      absl::StrSplit(text, absl::MaxSplits(':', 3));
  if (parts[0].empty() || parts.size() > 3) return InvalidBind(text, "");
  Mode mode;
  if (parts.size() == 2 && ParseMode(parts[1], mode)) {
    return InvalidBind(text, "");
  }
  const std::string source = parts.size() > 1 ? parts[0] : "";
  const std::string target = parts.size() > 1 ? parts[1] : parts[0];
  mode = {};
  if (parts.size() == 3 && !ParseMode(parts[2], mode)) {
    return DockerError(500, absl::StrCat("invalid mode: ", parts[2]));
  }
  const bool is_bind = absl::StartsWith(source, "/");
  const std::string type = is_bind ? "bind" : "volume";
  std::string problem = TargetProblem(target);
  if (problem.empty() && is_bind && mode.no_copy) {
    problem = "field VolumeOptions must not be specified";
  }
  if (problem.empty() && !is_bind && !mode.propagation.empty()) {
    problem = "field BindOptions must not be specified";
  }
  if (!problem.empty()) {
    return InvalidBind(text, absl::StrCat("invalid mount config for type \"",
                                          type, "\": ", problem));
  }
  PlannedMount planned;
  planned.no_copy = mode.no_copy;
  planned.point.set_type(type);
  planned.point.set_destination(CleanPath(target));
  planned.point.set_read_only(mode.read_only);
  planned.point.set_mode(parts.size() == 3 ? parts[2] : "");
  if (is_bind) {
    planned.point.set_source(CleanPath(source));
    planned.point.set_create_source(true);
    planned.point.set_propagation(mode.propagation.empty() ? "rprivate"
                                                           : mode.propagation);
  } else {
    planned.point.set_name(source);
    planned.point.set_driver(volume_driver);
    if (planned.point.mode().empty()) planned.point.set_mode("z");
  }
  return planned;
}

absl::StatusOr<PlannedMount> ParseMount(const Mount& mount) {
  const std::string& type = mount.type();
  if (type == "image") {
    return DockerError(501,
                       "mounts of images are not supported yet: copy the "
                       "files into the image, or into a volume");
  }
  if (type != "bind" && type != "volume" && type != "tmpfs") {
    return InvalidMount(type, "mount type unknown");
  }
  RETURN_IF_ERROR(CheckForeignOptions(mount));
  const std::string problem = TargetProblem(mount.target());
  if (!problem.empty()) return InvalidMount(type, problem);
  PlannedMount planned;
  planned.point.set_type(type);
  planned.point.set_destination(CleanPath(mount.target()));
  planned.point.set_read_only(mount.read_only());
  absl::Status filled = type == "bind"     ? FillBind(mount, planned)
                        : type == "volume" ? FillVolume(mount, planned)
                                           : FillTmpfs(mount, planned);
  if (!filled.ok()) return filled;
  return planned;
}

absl::StatusOr<VolumesFrom> ParseVolumesFrom(const std::string& text) {
  if (text.empty()) {
    return DockerError(400,
                       "volumes-from specification cannot be an empty string");
  }
  const size_t colon = text.find(':');
  VolumesFrom from;
  from.container = text.substr(0, colon);
  if (colon == text.npos) return from;
  const std::string mode_text = text.substr(colon + 1);
  Mode mode;
  if (!ParseMode(mode_text, mode)) {
    return DockerError(400, absl::StrCat("invalid mode: ", mode_text));
  }
  if (!mode.propagation.empty() || mode.no_copy) {
    return DockerError(
        400, absl::StrCat("invalid mode for volumes-from: ", mode_text));
  }
  from.read_only = mode.read_only;
  return from;
}

}  // namespace tug::gatewayd
