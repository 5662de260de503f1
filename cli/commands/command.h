// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/client/engine.h"
#include "cli/flags/flag_set.h"

namespace tug::cli {

// One command. Made, told its flags, run once.
class Command {
 public:
  virtual ~Command() = default;
  virtual void AddFlags(FlagSet& flags) {}
  // The exit status; a failure is printed as it is, and means 1 (125 for
  // `run`).
  virtual absl::StatusOr<int> Run(const Engine& engine,
                                  const std::vector<std::string>& words) = 0;
};

using CommandFactory = std::unique_ptr<Command> (*)();

// One line of the table of commands.
struct CommandEntry {
  const char* name;     // "network ls"
  const char* usage;    // What follows the name: "[OPTIONS] CONTAINER"
  const char* summary;  // "List networks"
  int min_words;
  int max_words;  // -1: any number.
  // The first word that is no flag ends the flags.
  bool stop_at_first;
  CommandFactory make;
};

// All commands, by name.
const std::vector<CommandEntry>& CommandTable();

// Other names ("container ls") and what they stand for ("ps").
struct CommandAlias {
  const char* name;
  const char* target;
};
const std::vector<CommandAlias>& CommandAliases();

std::unique_ptr<Command> NewVersionCommand();
std::unique_ptr<Command> NewInfoCommand();
std::unique_ptr<Command> NewPullCommand();
std::unique_ptr<Command> NewImagesCommand();
std::unique_ptr<Command> NewLoadCommand();
std::unique_ptr<Command> NewSaveCommand();
std::unique_ptr<Command> NewTagCommand();
std::unique_ptr<Command> NewRmiCommand();
std::unique_ptr<Command> NewHistoryCommand();
std::unique_ptr<Command> NewCreateCommand();
std::unique_ptr<Command> NewRunCommand();
std::unique_ptr<Command> NewStartCommand();
std::unique_ptr<Command> NewRestartCommand();
std::unique_ptr<Command> NewStopCommand();
std::unique_ptr<Command> NewKillCommand();
std::unique_ptr<Command> NewPauseCommand();
std::unique_ptr<Command> NewUnpauseCommand();
std::unique_ptr<Command> NewRenameCommand();
std::unique_ptr<Command> NewRmCommand();
std::unique_ptr<Command> NewPortCommand();
std::unique_ptr<Command> NewTopCommand();
std::unique_ptr<Command> NewPsCommand();
std::unique_ptr<Command> NewLogsCommand();
std::unique_ptr<Command> NewExecCommand();
std::unique_ptr<Command> NewAttachCommand();
std::unique_ptr<Command> NewInspectCommand();
std::unique_ptr<Command> NewContainerInspectCommand();
std::unique_ptr<Command> NewImageInspectCommand();
std::unique_ptr<Command> NewWaitCommand();
std::unique_ptr<Command> NewNetworkLsCommand();
std::unique_ptr<Command> NewNetworkCreateCommand();
std::unique_ptr<Command> NewNetworkRmCommand();
std::unique_ptr<Command> NewNetworkInspectCommand();
std::unique_ptr<Command> NewNetworkConnectCommand();
std::unique_ptr<Command> NewNetworkDisconnectCommand();
std::unique_ptr<Command> NewVolumeLsCommand();
std::unique_ptr<Command> NewVolumeCreateCommand();
std::unique_ptr<Command> NewVolumeRmCommand();
std::unique_ptr<Command> NewVolumeInspectCommand();
std::unique_ptr<Command> NewEventsCommand();
std::unique_ptr<Command> NewLoginCommand();
std::unique_ptr<Command> NewLogoutCommand();

}  // namespace tug::cli
