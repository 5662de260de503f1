// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "cli/commands/command.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/sys/unique_fd.h"

namespace tug::cli {
namespace {

absl::Status WriteAll(int fd, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = write(fd, bytes.data(), bytes.size());
    if (count < 0 && errno != EINTR) return ErrnoStatus(errno, "write");
    if (count > 0) bytes.remove_prefix(static_cast<size_t>(count));
  }
  return absl::OkStatus();
}

class SaveCommand final : public Command {
 public:
  void AddFlags(FlagSet& flags) override {
    flags.String('o', "output", &output_, "Write to a file, not STDOUT");
    flags.String(0, "platform", &platform_, "Save only this platform");
  }

  absl::StatusOr<int> Run(const Engine& engine,
                          const std::vector<std::string>& words) override {
    if (output_.empty() && isatty(STDOUT_FILENO) != 0) {
      return absl::InvalidArgumentError(
          "cowardly refusing to save to a terminal. Use the -o flag or "
          "redirect");
    }
    Path path("/images/get");
    for (const std::string& name : words) path.Query("names", name);
    if (!platform_.empty()) path.Query("platform", platform_);
    return output_.empty() ? ToDescriptor(engine, path, STDOUT_FILENO)
                           : ToFile(engine, path);
  }

 private:
  static absl::StatusOr<int> ToDescriptor(const Engine& engine,
                                          const Path& path, int fd) {
    RETURN_IF_ERROR(engine.Stream(
        "GET", path, {}, nullptr,
        [fd](absl::string_view bytes) { return WriteAll(fd, bytes); }));
    return 0;
  }

  // A file by that name appears only when it is whole.
  absl::StatusOr<int> ToFile(const Engine& engine, const Path& path) const {
    const std::string aside = absl::StrCat(output_, ".part.", getpid());
    const UniqueFd file(
        open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file) return ErrnoStatus(errno, absl::StrCat("create ", aside));
    const auto saved = ToDescriptor(engine, path, file.get());
    if (!saved.ok()) {
      (void)unlink(aside.c_str());
      return saved;
    }
    if (rename(aside.c_str(), output_.c_str()) != 0) {
      const absl::Status status =
          ErrnoStatus(errno, absl::StrCat("rename to ", output_));
      (void)unlink(aside.c_str());
      return status;
    }
    return 0;
  }

  std::string output_;
  std::string platform_;
};

}  // namespace

std::unique_ptr<Command> NewSaveCommand() {
  return std::make_unique<SaveCommand>();
}

}  // namespace tug::cli
