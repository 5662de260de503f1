// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <iostream>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "cli/client/credentials.h"
#include "cli/commands/command.h"
#include "cli/commands/output.h"
#include "cli/format/json_text.h"
#include "cli/terminal/raw_mode.h"
#include "lib/base/status_macros.h"

namespace tug::cli {
namespace {

constexpr size_t kMaxPasswordBytes = 64 * 1024;

// "https://h:5000/v2/" is the registry "h:5000".
std::string ServerOf(const std::vector<std::string>& words) {
  if (words.empty()) return "docker.io";
  absl::string_view text = words[0];
  absl::ConsumePrefix(&text, "https://");
  absl::ConsumePrefix(&text, "http://");
  const std::string host(text.substr(0, text.find('/')));
  return host == "index.docker.io" ? "docker.io" : host;
}

class LoginCommand final : public Command {
 public:
  void AddFlags(FlagSet& flags) override {
    flags.String('u', "username", &username_, "Username");
    flags.String('p', "password", &password_, "Password or access token");
    flags.Bool(0, "password-stdin", &from_stdin_,
               "Take the password from STDIN");
  }

  absl::StatusOr<int> Run(const Engine& engine,
                          const std::vector<std::string>& words) override {
    const std::string server = ServerOf(words);
    ASSIGN_OR_RETURN(CredentialFile file, CredentialFile::Load());
    RETURN_IF_ERROR(AskForWhatIsMissing(server, file));
    const boost::json::object body = {
        {"username", username_},
        {"password", password_},
        {"serveraddress", server == "docker.io" ? kHubKey : server}};
    ASSIGN_OR_RETURN(const boost::json::value answer,
                     engine.Call("POST", Path("/auth"), body));
    file.Put(server, username_, password_,
             StringMember(answer, "IdentityToken"));
    RETURN_IF_ERROR(file.Save());
    PrintError(
        absl::StrCat("WARNING! Your credentials are stored unencrypted in '",
                     file.path(), "'."));
    const std::string status = StringMember(answer, "Status");
    PrintLine(status.empty() ? "Login Succeeded" : status);
    return 0;
  }

 private:
  absl::Status AskForWhatIsMissing(const std::string& server,
                                   const CredentialFile& file) {
    if (from_stdin_ && !password_.empty()) {
      return absl::InvalidArgumentError(
          "conflicting options: cannot specify "
          "both --password and "
          "--password-stdin");
    }
    if (from_stdin_ && username_.empty()) {
      return absl::InvalidArgumentError(
          "the --password-stdin option requires "
          "--username to be set");
    }
    if (!password_.empty()) {
      PrintError(
          "WARNING! Using --password via the CLI is insecure. Use "
          "--password-stdin.");
    }
    if (from_stdin_) return ReadPassword();
    if (!username_.empty() && !password_.empty()) return absl::OkStatus();
    if (isatty(STDIN_FILENO) == 0) {
      return absl::FailedPreconditionError(
          "cannot perform an interactive login from a non-TTY device");
    }
    return Prompt(file.UserOf(server));
  }

  absl::Status ReadPassword() {
    password_.assign(std::istreambuf_iterator<char>(std::cin),
                     std::istreambuf_iterator<char>());
    while (!password_.empty() &&
           (password_.back() == '\n' || password_.back() == '\r')) {
      password_.pop_back();
    }
    if (password_.empty() || password_.size() > kMaxPasswordBytes) {
      return absl::InvalidArgumentError("password is empty or too long");
    }
    return absl::OkStatus();
  }

  absl::Status Prompt(const std::string& known) {
    if (username_.empty()) {
      Print(known.empty() ? "Username: "
                          : absl::StrCat("Username (", known, "): "));
      std::getline(std::cin, username_);
      if (username_.empty()) username_ = known;
    }
    if (password_.empty()) {
      const NoEcho quiet(STDIN_FILENO);
      Print("Password: ");
      std::getline(std::cin, password_);
      Print("\n");
    }
    return username_.empty() || password_.empty()
               ? absl::InvalidArgumentError(
                     "username and password are required")
               : absl::OkStatus();
  }

  std::string username_;
  std::string password_;
  bool from_stdin_ = false;
};

class LogoutCommand final : public Command {
 public:
  absl::StatusOr<int> Run(const Engine& engine,
                          const std::vector<std::string>& words) override {
    const std::string server = ServerOf(words);
    ASSIGN_OR_RETURN(CredentialFile file, CredentialFile::Load());
    if (!file.Erase(server)) {
      PrintLine(absl::StrCat("Not logged in to ", server));
      return 0;
    }
    PrintLine(absl::StrCat("Removing login credentials for ",
                           server == "docker.io" ? kHubKey : server));
    RETURN_IF_ERROR(file.Save());
    return 0;
  }
};

}  // namespace

std::unique_ptr<Command> NewLoginCommand() {
  return std::make_unique<LoginCommand>();
}

std::unique_ptr<Command> NewLogoutCommand() {
  return std::make_unique<LogoutCommand>();
}

}  // namespace tug::cli
