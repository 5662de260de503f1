// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/create_container.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/commands/output.h"
#include "cli/commands/pull_image.h"
#include "cli/format/json_text.h"
#include "cli/options/container_request.h"
#include "cli/terminal/raw_mode.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/sys/unique_fd.h"

namespace tug::cli {
namespace {

namespace json = boost::json;

CallerContext ThisCaller() {
  CallerContext caller;
  std::error_code error;
  caller.directory = std::filesystem::current_path(error).native();
  if (const auto size = TerminalSize(STDOUT_FILENO)) {
    caller.terminal_height = size->rows;
    caller.terminal_width = size->columns;
  }
  return caller;
}

absl::Status Pull(const Engine& engine, const ContainerOptions& options,
                  const std::string& image) {
  PullOptions pull;
  pull.image = image;
  pull.platform = options.platform;
  pull.quiet = options.quiet;
  // Standard output is the container's.
  pull.fd = STDERR_FILENO;
  return PullImage(engine, pull);
}

bool IsMissingImage(const absl::Status& status) {
  return absl::IsNotFound(status) &&
         absl::StrContains(status.message(), "No such image");
}

absl::StatusOr<UniqueFd> OpenIdFile(const std::string& path) {
  UniqueFd file(
      open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (file) return file;
  if (errno == EEXIST) {
    return absl::FailedPreconditionError(absl::StrCat(
        "container ID file found, make sure the other container isn't running "
        "or delete ",
        path));
  }
  return ErrnoStatus(errno,
                     absl::StrCat("failed to create the container ID file"));
}

}  // namespace

absl::StatusOr<std::string> CreateContainer(
    const Engine& engine, const ContainerOptions& options,
    const std::string& image, const std::vector<std::string>& command) {
  if (options.pull != "missing" && options.pull != "always" &&
      options.pull != "never") {
    return absl::InvalidArgumentError(
        absl::StrCat("invalid pull option: '", options.pull,
                     "': must be one of \"always\", \"missing\" or \"never\""));
  }
  ASSIGN_OR_RETURN(
      const json::object body,
      BuildContainerRequest(options, image, command, ThisCaller()));
  UniqueFd id_file;
  if (!options.cid_file.empty()) {
    ASSIGN_OR_RETURN(id_file, OpenIdFile(options.cid_file));
  }
  Path path("/containers/create");
  if (!options.name.empty()) path.Query("name", options.name);
  if (!options.platform.empty()) path.Query("platform", options.platform);
  if (options.pull == "always") {
    RETURN_IF_ERROR(Pull(engine, options, image));
  }
  auto created = engine.Call("POST", path, body);
  if (IsMissingImage(created.status()) && options.pull == "missing") {
    PrintError(absl::StrCat("Unable to find image '", WithDefaultTag(image),
                            "' locally"));
    RETURN_IF_ERROR(Pull(engine, options, image));
    created = engine.Call("POST", path, body);
  }
  if (!created.ok()) return created.status();
  for (const json::value& warning : ArrayMember(*created, "Warnings")) {
    if (warning.is_string()) {
      PrintError(absl::StrCat("WARNING: ", std::string(warning.get_string())));
    }
  }
  const std::string id = StringMember(*created, "Id");
  if (id_file && write(id_file.get(), id.data(), id.size()) !=
                     static_cast<ssize_t>(id.size())) {
    return ErrnoStatus(errno, "failed to write the container ID file");
  }
  return id;
}

}  // namespace tug::cli
