// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/runtime/start_error.h"

#include <cerrno>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status.h"

namespace tug::runtimed {
namespace {

// Docker's, to the letter: clients match whole messages.
absl::string_view Prefix(Launched launched) {
  return launched == Launched::kExec
             ? "OCI runtime exec failed: exec failed: unable to start "
               "container process: "
             : "failed to create task for container: failed to create shim "
               "task: OCI runtime create failed: runc create failed: unable to "
               "start container process: error during container init: ";
}

// The kernel's words with a small first letter, as Go programs print them.
std::string Words(int error) {
  std::string words = strerror(error);
  if (!words.empty()) {
    words[0] = absl::ascii_tolower(static_cast<unsigned char>(words[0]));
  }
  return words;
}

StartError ProgramFailure(int error, const std::string& program,
                          Launched launched) {
  StartError failure;
  const bool has_path = absl::StrContains(program, '/');
  if (error == ENOENT) {
    failure.reason = "EXEC_NOT_FOUND";
    failure.exit_code = 127;
    failure.text =
        has_path
            ? absl::StrCat(Prefix(launched), "exec: \"", program, "\": stat ",
                           program, ": no such file or directory")
            : absl::StrCat(Prefix(launched), "exec: \"", program,
                           "\": executable file not found in $PATH");
    return failure;
  }
  const bool permission =
      error == EACCES || error == EPERM || error == EISDIR || error == ENOTDIR;
  failure.reason = permission ? "EXEC_PERMISSION" : "EXEC_FAILED";
  failure.exit_code = permission ? 126 : 128;
  std::string words = Words(error);
  if (error == EISDIR) words = "is a directory: permission denied";
  failure.text =
      absl::StrCat(Prefix(launched), "exec: \"", program, "\": ", words);
  return failure;
}

// `what`: "user" or "group".
StartError LookUpFailure(int error, const std::string& what,
                         const std::string& name) {
  StartError failure;
  failure.reason = "START_FAILED";
  failure.exit_code = 126;
  failure.text =
      error == ENOENT
          ? absl::StrCat("unable to find ", what, " ",
                         name.substr(0, name.find(':')),
                         ": no matching entries in ",
                         what == "user" ? "passwd" : what, " file")
          : absl::StrCat("look up ", what, " ", name, ": ", Words(error));
  return failure;
}

StartError DirectoryFailure(int error, const std::string& path,
                            Launched launched) {
  StartError failure;
  failure.reason = "START_FAILED";
  failure.exit_code = error == ENOENT ? 127 : 126;
  failure.text =
      launched == Launched::kContainer && error == ENOTDIR
          ? absl::StrCat("Cannot mkdir: ", path, " is not a directory")
          : absl::StrCat(Prefix(launched), "chdir to cwd (\"", path,
                         "\") failed: ", Words(error));
  return failure;
}

}  // namespace

absl::Status StartError::ToStatus() const {
  return WithMetadata(WithReason(absl::FailedPreconditionError(text), reason),
                      "exit_code", absl::StrCat(exit_code));
}

StartError DescribeStartFailure(const ShimMessage& message,
                                const std::string& program, Launched launched) {
  const auto step = static_cast<LaunchStep>(message.value);
  if (step == LaunchStep::kFindProgram || step == LaunchStep::kExec) {
    return ProgramFailure(message.error, program, launched);
  }
  if (step == LaunchStep::kLookUpUser) {
    return LookUpFailure(message.error, "user", message.text);
  }
  if (step == LaunchStep::kLookUpGroup) {
    return LookUpFailure(message.error, "group", message.text);
  }
  if (step == LaunchStep::kWorkingDirectory) {
    return DirectoryFailure(message.error, message.text, launched);
  }
  StartError failure;
  failure.reason = "START_FAILED";
  failure.exit_code = message.error == ENOENT   ? 127
                      : message.error == EACCES ? 126
                                                : 128;
  failure.text = absl::StrCat(Prefix(launched), LaunchStepName(step),
                              message.text[0] == '\0' ? "" : ": ", message.text,
                              ": ", Words(message.error));
  return failure;
}

StartError DescribeStartFailure(const absl::Status& status) {
  StartError failure;
  const std::string reason = StatusReason(status);
  failure.reason = reason.empty() ? "START_FAILED" : reason;
  // What could not be joined is said in Docker's words already.
  const bool complete =
      reason == "START_FAILED" || absl::StartsWith(reason, "JOINED_");
  failure.text =
      complete ? std::string(status.message())
               : absl::StrCat(Prefix(Launched::kContainer), status.message());
  return failure;
}

}  // namespace tug::runtimed
