// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "cli/commands/command.h"
#include "cli/commands/output.h"
#include "cli/commands/pull_progress.h"
#include "cli/format/json_text.h"
#include "cli/terminal/raw_mode.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/sys/unique_fd.h"

namespace tug::cli {
namespace {

class LoadCommand final : public Command {
 public:
  void AddFlags(FlagSet& flags) override {
    flags.String('i', "input", &input_, "Read from a file, not STDIN");
    flags.Bool('q', "quiet", &quiet_, "Suppress the load output");
    flags.String(0, "platform", &platform_, "Load only this platform");
  }

  absl::StatusOr<int> Run(const Engine& engine,
                          const std::vector<std::string>& words) override {
    ASSIGN_OR_RETURN(const UniqueFd file, OpenInput());
    const auto size = TerminalSize(STDOUT_FILENO);
    Path path("/images/load");
    path.Query("quiet", quiet_ || !size.has_value() ? "1" : "0");
    if (!platform_.empty()) path.Query("platform", platform_);
    ProgressDisplay display(STDOUT_FILENO,
                            size.has_value() ? size->columns : 0);
    LineSplitter lines([&display](absl::string_view line) -> absl::Status {
      boost::json::error_code error;
      const boost::json::value message =
          boost::json::parse({line.data(), line.size()}, error);
      if (error) return absl::InternalError("the engine sent no JSON");
      return display.Show(message);
    });
    RETURN_IF_ERROR(engine.Stream(
        "POST", path, {{"Content-Type", "application/x-tar"}},
        [&file](char* buffer, size_t size) -> absl::StatusOr<size_t> {
          const ssize_t count = read(file.get(), buffer, size);
          if (count < 0) return ErrnoStatus(errno, "read the archive");
          return static_cast<size_t>(count);
        },
        [&lines](absl::string_view bytes) { return lines.Feed(bytes); }));
    RETURN_IF_ERROR(lines.Finish());
    return 0;
  }

 private:
  absl::StatusOr<UniqueFd> OpenInput() const {
    if (!input_.empty()) {
      UniqueFd file(open(input_.c_str(), O_RDONLY | O_CLOEXEC));
      if (file) return file;
      return absl::NotFoundError(
          absl::StrCat("open ", input_, ": ", strerror(errno)));
    }
    if (isatty(STDIN_FILENO) != 0) {
      return absl::InvalidArgumentError(
          "requested load from stdin, but stdin is empty");
    }
    return UniqueFd(dup(STDIN_FILENO));
  }

  std::string input_;
  std::string platform_;
  bool quiet_ = false;
};

}  // namespace

std::unique_ptr<Command> NewLoadCommand() {
  return std::make_unique<LoadCommand>();
}

}  // namespace tug::cli
