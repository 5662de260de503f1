// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/session.h"

#include <signal.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "cli/client/credentials.h"
#include "cli/commands/output.h"
#include "cli/format/json_text.h"
#include "cli/terminal/detach_keys.h"
#include "cli/terminal/raw_mode.h"
#include "cli/terminal/signals.h"
#include "cli/terminal/stream_pump.h"
#include "lib/base/status_macros.h"
#include "lib/sys/unique_fd.h"

namespace tug::cli {
namespace {

namespace json = boost::json;

// A user who asks so often wants to get out, whatever the container does.
constexpr int kPatience = 3;
constexpr int kForcedExit = 1;

void SendSize(const Engine& engine, const std::string& path) {
  const auto size = TerminalSize(STDOUT_FILENO);
  if (!size.has_value() || size->rows == 0) return;
  Path resize(path);
  resize.Query("h", absl::StrCat(size->rows));
  resize.Query("w", absl::StrCat(size->columns));
  // A container that has just ended has no terminal to resize.
  (void)engine.Call("POST", resize);
}

}  // namespace

ExitWatch::ExitWatch(const Engine& engine, const std::string& id,
                     const std::string& condition)
    : shared_(std::make_shared<Shared>()) {
  Path path("/containers/");
  path.Add(id) += "/wait";
  path.Query("condition", condition);
  std::thread(Watch, Engine(engine.endpoint()), path, shared_).detach();
}

ExitWatch::~ExitWatch() = default;

void ExitWatch::Watch(Engine engine, Path path,
                      std::shared_ptr<Shared> shared) {
  std::string text;
  const absl::Status status = engine.StreamAfter(
      "POST", path,
      [&shared] {
        absl::MutexLock lock(&shared->mutex);
        shared->registered = true;
      },
      [&text](absl::string_view bytes) {
        text.append(bytes.data(), bytes.size());
        return absl::OkStatus();
      });
  json::error_code error;
  const json::value answer = json::parse(text, error);
  const std::string message =
      error ? "" : StringMember(Member(answer, "Error"), "Message");
  absl::MutexLock lock(&shared->mutex);
  shared->registered = true;
  shared->done = true;
  shared->exit_status =
      error ? 0 : static_cast<int>(IntMember(answer, "StatusCode"));
  if (!status.ok()) {
    shared->failure = status;
  } else if (error) {
    shared->failure = absl::UnavailableError(
        "error waiting for container: the engine went away");
  } else if (!message.empty()) {
    shared->failure = absl::InternalError(
        absl::StrCat("Error waiting for container: ", message));
  }
}

absl::Status ExitWatch::AwaitRegistered() {
  absl::MutexLock lock(&shared_->mutex);
  shared_->mutex.Await(absl::Condition(&shared_->registered));
  return shared_->failure;
}

absl::StatusOr<int> ExitWatch::Await() {
  absl::MutexLock lock(&shared_->mutex);
  shared_->mutex.Await(absl::Condition(&shared_->done));
  if (!shared_->failure.ok()) return shared_->failure;
  return shared_->exit_status;
}

absl::StatusOr<std::string> DetachKeyBytes(const std::string& text) {
  if (!text.empty()) return ParseDetachKeys(text);
  const auto file = CredentialFile::Load();
  const std::string configured =
      file.ok() ? StringMember(file->config(), "detachKeys") : "";
  return ParseDetachKeys(configured.empty() ? kDefaultDetachKeys : configured);
}

absl::Status CheckTerminal(bool tty, bool send_input) {
  if (tty && send_input && isatty(STDIN_FILENO) == 0) {
    return absl::FailedPreconditionError(
        "cannot attach stdin to a TTY-enabled container because stdin is not "
        "a terminal");
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> StreamConnection(
    const Engine& engine, http::Client::Upgraded connection,
    const SessionOptions& options, const std::string& resize, int signal_fd,
    const std::function<void(int)>& on_signal) {
  PumpOptions pump;
  pump.socket = connection.socket.get();
  pump.buffered = std::move(connection.buffered);
  pump.tty = options.tty;
  pump.send_input = options.send_input;
  pump.show_output = options.show_output;
  pump.show_errors = options.show_errors;
  pump.signal_fd = signal_fd;
  pump.on_signal = on_signal;
  if (options.tty) {
    pump.on_resize = [&engine, &resize] { SendSize(engine, resize); };
    if (options.send_input) {
      ASSIGN_OR_RETURN(pump.detach_keys, DetachKeyBytes(options.detach_keys));
    }
  }
  const RawMode raw(options.tty && options.send_input ? STDIN_FILENO : -1);
  if (options.tty) SendSize(engine, resize);
  ASSIGN_OR_RETURN(const PumpEnd end, Pump(pump));
  return end == PumpEnd::kDetached;
}

absl::StatusOr<int> RunSession(const Engine& engine,
                               const SessionOptions& options,
                               const std::string& condition,
                               const std::function<absl::Status()>& start,
                               bool* start_failed) {
  const bool proxy = options.proxy_signals && !options.tty;
  const UniqueFd signals =
      TakeSignals(proxy ? SignalSet::kForwardable : SignalSet::kResize);
  Path attach("/containers/");
  attach.Add(options.id) += "/attach";
  attach.Flag("stream", true)
      .Flag("stdin", options.send_input)
      .Flag("stdout", options.show_output)
      .Flag("stderr", options.show_errors);
  if (!options.detach_keys.empty()) {
    attach.Query("detachKeys", options.detach_keys);
  }
  ASSIGN_OR_RETURN(http::Client::Upgraded connection, engine.Hijack(attach));
  ExitWatch watch(engine, options.id, condition);
  RETURN_IF_ERROR(watch.AwaitRegistered());
  if (start) {
    const absl::Status started = start();
    if (!started.ok()) {
      *start_failed = true;
      return started;
    }
  }
  int interrupts = 0;
  const auto forward = [&](int number) {
    if ((number == SIGINT || number == SIGTERM) && ++interrupts > kPatience) {
      PrintError("got many SIGTERM/SIGINTs, forcefully exiting");
      _exit(kForcedExit);
    }
    Path kill("/containers/");
    kill.Add(options.id) += "/kill";
    kill.Query("signal", SignalName(number));
    (void)engine.Call("POST", kill);  // It may have ended just now.
  };
  const std::string resize =
      (Path("/containers/").Add(options.id) += "/resize").text();
  ASSIGN_OR_RETURN(
      const bool detached,
      StreamConnection(engine, std::move(connection), options, resize,
                       signals.get(),
                       proxy ? std::function<void(int)>(forward) : nullptr));
  if (detached) {
    PrintError("\rread escape sequence");
    return 0;
  }
  return watch.Await();
}

}  // namespace tug::cli
