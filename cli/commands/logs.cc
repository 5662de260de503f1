// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include "absl/time/clock.h"
#include "cli/commands/command.h"
#include "cli/commands/output.h"
#include "cli/format/json_text.h"
#include "cli/options/byte_size.h"
#include "cli/terminal/frame_reader.h"
#include "lib/base/status_macros.h"

namespace tug::cli {
namespace {

absl::Status Write(FILE* file, absl::string_view bytes) {
  if (fwrite(bytes.data(), 1, bytes.size(), file) != bytes.size() ||
      fflush(file) != 0) {
    return absl::CancelledError("write output: nobody reads it");
  }
  return absl::OkStatus();
}

class LogsCommand final : public Command {
 public:
  void AddFlags(FlagSet& flags) override {
    flags.Bool(0, "details", &details_, "Show extra details");
    flags.Bool('f', "follow", &follow_, "Follow log output");
    flags.String(0, "since", &since_, "Show logs since a time or duration");
    flags.String(0, "until", &until_, "Show logs before a time or duration");
    flags.String('n', "tail", &tail_, "Number of lines from the end");
    flags.Bool('t', "timestamps", &timestamps_, "Show timestamps");
  }

  absl::StatusOr<int> Run(const Engine& engine,
                          const std::vector<std::string>& words) override;

 private:
  bool details_ = false;
  bool follow_ = false;
  bool timestamps_ = false;
  std::string since_;
  std::string until_;
  std::string tail_ = "all";
};

absl::StatusOr<int> LogsCommand::Run(const Engine& engine,
                                     const std::vector<std::string>& words) {
  Path inspect("/containers/");
  inspect.Add(words[0]) += "/json";
  ASSIGN_OR_RETURN(const boost::json::value container, engine.Get(inspect));
  const bool tty = BoolMember(Member(container, "Config"), "Tty");
  Path path("/containers/");
  path.Add(StringMember(container, "Id")) += "/logs";
  path.Flag("stdout", true).Flag("stderr", true).Flag("follow", follow_);
  path.Flag("timestamps", timestamps_).Flag("details", details_);
  path.Query("tail", tail_);
  if (!since_.empty()) {
    ASSIGN_OR_RETURN(const std::string since, ParseMoment(since_, absl::Now()));
    path.Query("since", since);
  }
  if (!until_.empty()) {
    ASSIGN_OR_RETURN(const std::string until, ParseMoment(until_, absl::Now()));
    path.Query("until", until);
  }
  FrameReader frames;
  RETURN_IF_ERROR(engine.Stream(
      "GET", path, {}, nullptr, [&](absl::string_view bytes) -> absl::Status {
        if (tty) return Write(stdout, bytes);
        return frames.Feed(bytes, [](int stream, absl::string_view part) {
          return Write(stream == 1 ? stdout : stderr, part);
        });
      }));
  return 0;
}

}  // namespace

std::unique_ptr<Command> NewLogsCommand() {
  return std::make_unique<LogsCommand>();
}

}  // namespace tug::cli
