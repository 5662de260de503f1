// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/commands/command.h"
#include "cli/commands/output.h"
#include "lib/program/version.h"

namespace tug::cli {
namespace {

constexpr char kDefaultEndpoint[] = "unix:///run/tug/tug.sock";
constexpr int kBadFlags = 125;

const CommandEntry* FindCommand(const std::string& name) {
  std::string wanted = name;
  for (const CommandAlias& alias : CommandAliases()) {
    if (name == alias.name) wanted = alias.target;
  }
  for (const CommandEntry& entry : CommandTable()) {
    if (wanted == entry.name) return &entry;
  }
  return nullptr;
}

// Whether commands begin with this word ("network").
bool IsGroup(const std::string& word) {
  const std::string prefix = word + " ";
  for (const CommandEntry& entry : CommandTable()) {
    if (absl::StartsWith(entry.name, prefix)) return true;
  }
  for (const CommandAlias& alias : CommandAliases()) {
    if (absl::StartsWith(alias.name, prefix)) return true;
  }
  return false;
}

std::string Overview(const std::string& group) {
  std::string text =
      absl::StrCat("Usage:  tug ", group.empty() ? "[OPTIONS] " : group + " ",
                   "COMMAND\n\nCommands:\n");
  const std::string prefix = group.empty() ? "" : group + " ";
  for (const CommandEntry& entry : CommandTable()) {
    if (!absl::StartsWith(entry.name, prefix)) continue;
    std::string name = std::string(entry.name).substr(prefix.size());
    name.resize(std::max<size_t>(name.size() + 1, 20), ' ');
    absl::StrAppend(&text, "  ", name, entry.summary, "\n");
  }
  if (group.empty()) {
    absl::StrAppend(&text,
                    "\nGlobal Options:\n"
                    "  -H, --host string   Engine to connect to "
                    "(or $TUG_HOST, $DOCKER_HOST)\n"
                    "  -v, --version       Print version information and "
                    "quit\n");
  }
  absl::StrAppend(&text, "\nRun 'tug ", prefix,
                  "COMMAND --help' for more information on a command.\n");
  return text;
}

std::string UsageLine(const CommandEntry& entry) {
  return absl::StrCat("Usage:  tug ", entry.name, " ", entry.usage);
}

// "requires 1 argument", ...; empty if the number is right.
std::string WordCountError(const CommandEntry& entry, size_t count) {
  const auto words = static_cast<int>(count);
  if (words >= entry.min_words &&
      (entry.max_words < 0 || words <= entry.max_words)) {
    return "";
  }
  const char* ending = "argument";
  const int number =
      words < entry.min_words ? entry.min_words : entry.max_words;
  if (number != 1) ending = "arguments";
  if (entry.max_words == 0) return "accepts no arguments";
  if (entry.min_words == entry.max_words) {
    return absl::StrCat("requires ", number, " ", ending);
  }
  return absl::StrCat("requires at ",
                      words < entry.min_words ? "least" : "most", " ", number,
                      " ", ending);
}

int RunCommand(const CommandEntry& entry, const std::string& endpoint,
               const std::vector<std::string>& arguments) {
  const std::unique_ptr<Command> command = entry.make();
  FlagSet flags;
  command->AddFlags(flags);
  const std::string hint = absl::StrCat("\n\nRun 'tug ", entry.name,
                                        " --help' for more information");
  const auto words = flags.Parse(arguments, entry.stop_at_first);
  if (!words.ok()) {
    PrintError(
        absl::StrCat(words.status().message(), "\n\n", UsageLine(entry), hint));
    return kBadFlags;
  }
  if (flags.help_wanted()) {
    const std::string table = flags.Describe();
    Print(absl::StrCat(UsageLine(entry), "\n\n", entry.summary, "\n",
                       table.empty() ? "" : "\nOptions:\n", table));
    return 0;
  }
  const std::string wrong = WordCountError(entry, words->size());
  if (!wrong.empty()) {
    PrintError(absl::StrCat("tug: 'tug ", entry.name, "' ", wrong, "\n\n",
                            UsageLine(entry), hint));
    return 1;
  }
  const Engine engine(endpoint);
  const absl::StatusOr<int> exit_status = command->Run(engine, *words);
  if (exit_status.ok()) return *exit_status;
  PrintError(exit_status.status().message());
  return 1;
}

std::string EndpointFromEnvironment() {
  for (const char* name : {"TUG_HOST", "DOCKER_HOST"}) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return value;
  }
  return kDefaultEndpoint;
}

int Main(std::vector<std::string> words) {
  std::string endpoint = EndpointFromEnvironment();
  bool version = false;
  FlagSet globals;
  globals.String('H', "host", &endpoint, "Engine to connect to");
  globals.Bool('v', "version", &version, "Print version information and quit");
  const auto rest = globals.Parse(words, true);
  if (!rest.ok()) {
    PrintError(absl::StrCat(rest.status().message(),
                            "\n\nRun 'tug --help' for more information"));
    return kBadFlags;
  }
  if (version) {
    PrintLine(absl::StrCat("Tug version ", kVersion));
    return 0;
  }
  words = *rest;
  if (words.empty() || globals.help_wanted() || words[0] == "help") {
    Print(Overview(""));
    return 0;
  }
  size_t taken = 1;
  std::string name = words[0];
  if (IsGroup(name)) {
    if (words.size() == 1 || words[1] == "--help") {
      Print(Overview(name));
      return 0;
    }
    // "inspect" is a group's word as well as a command's.
    name = absl::StrCat(name, " ", words[1]);
    taken = 2;
  }
  const CommandEntry* entry = FindCommand(name);
  if (entry == nullptr) {
    PrintError(absl::StrCat("tug: unknown command: tug ", name,
                            "\n\nRun 'tug --help' for more information"));
    return 1;
  }
  return RunCommand(*entry, endpoint,
                    {words.begin() + static_cast<long>(taken), words.end()});
}

}  // namespace
}  // namespace tug::cli

int main(int argc, char** argv) {
  return tug::cli::Main({argv + 1, argv + argc});
}
