// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/unpack/unpack_process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/imaged/unpack/report.h"

namespace tug::imaged {
namespace {

constexpr int kPipeSize = 1 << 20;
// The child's descriptors are 3 and up; those it is made from stand above,
// so that no dup2 overwrites one that is still needed.
constexpr int kFirstSourceFd = 10;
constexpr int kFirstChildFd = 3;

absl::Status MakePipe(UniqueFd& read_end, UniqueFd& write_end) {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) != 0) return ErrnoStatus(errno, "make pipe");
  read_end.reset(fds[0]);
  write_end.reset(fds[1]);
  // The default of 64 KiB costs a switch of processes every 64 KiB.
  fcntl(fds[0], F_SETPIPE_SZ, kPipeSize);
  return absl::OkStatus();
}

absl::StatusOr<UniqueFd> Lift(int fd) {
  UniqueFd copy(fcntl(fd, F_DUPFD_CLOEXEC, kFirstSourceFd));
  if (!copy) return ErrnoStatus(errno, "duplicate descriptor");
  return copy;
}

// In memory, so that the child can read to its end at once.
absl::StatusOr<UniqueFd> MakeHintFile(absl::string_view hints) {
  UniqueFd fd(memfd_create("hints", MFD_CLOEXEC));
  if (!fd) return ErrnoStatus(errno, "make hint file");
  archive::FdSink sink(fd.get());
  RETURN_IF_ERROR(sink.Write(hints));
  if (lseek(fd.get(), 0, SEEK_SET) != 0) return ErrnoStatus(errno, "seek");
  return fd;
}

absl::Status ParseDone(absl::string_view text, UnpackedLayer& result) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, ' ');
  if (parts.size() == 1) return absl::OkStatus();  // A filter's.
  ASSIGN_OR_RETURN(result.diff_id, oci::Digest::FromHex(parts[0]));
  if (!absl::SimpleAtoi(parts[1], &result.bytes) || result.bytes < 0) {
    return absl::InternalError("malformed report of the unpacker");
  }
  return absl::OkStatus();
}

absl::Status ParseError(absl::string_view text) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits(' ', 1));
  int code = 0;
  if (!absl::SimpleAtoi(parts.first, &code) || code <= 0 || code > 16) {
    return absl::InternalError("malformed report of the unpacker");
  }
  return absl::Status(static_cast<absl::StatusCode>(code), parts.second);
}

}  // namespace

absl::StatusOr<std::unique_ptr<UnpackProcess>> UnpackProcess::StartLayer(
    const std::string& program, int directory, absl::string_view hints,
    std::function<bool()> cancelled) {
  std::unique_ptr<UnpackProcess> process(new UnpackProcess);
  process->cancelled_ = std::move(cancelled);
  UniqueFd child_input, child_report;
  RETURN_IF_ERROR(MakePipe(child_input, process->input_));
  RETURN_IF_ERROR(MakePipe(process->report_, child_report));
  ASSIGN_OR_RETURN(const UniqueFd child_hints, MakeHintFile(hints));
  RETURN_IF_ERROR(process->Spawn(
      program, "layer",
      {child_input.get(), directory, child_report.get(), child_hints.get()}));
  child_report.reset();
  RETURN_IF_ERROR(process->Begin());
  return process;
}

absl::StatusOr<std::unique_ptr<UnpackProcess>> UnpackProcess::StartFilter(
    const std::string& program, int input) {
  std::unique_ptr<UnpackProcess> process(new UnpackProcess);
  UniqueFd child_output, child_report;
  RETURN_IF_ERROR(MakePipe(process->output_, child_output));
  RETURN_IF_ERROR(MakePipe(process->report_, child_report));
  RETURN_IF_ERROR(process->Spawn(
      program, "filter", {input, child_output.get(), child_report.get()}));
  child_report.reset();
  RETURN_IF_ERROR(process->Begin());
  return process;
}

absl::Status UnpackProcess::Spawn(const std::string& program, const char* mode,
                                  std::initializer_list<int> fds) {
  std::vector<UniqueFd> copies;
  for (int fd : fds) {
    ASSIGN_OR_RETURN(UniqueFd copy, Lift(fd));
    copies.push_back(std::move(copy));
  }
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  int child_fd = kFirstChildFd;
  for (const UniqueFd& copy : copies) {
    posix_spawn_file_actions_adddup2(&actions, copy.get(), child_fd++);
  }
  sigset_t none, defaults;
  sigemptyset(&none);
  sigfillset(&defaults);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  char* const argv[] = {const_cast<char*>("tug-unpack"),
                        const_cast<char*>(mode), nullptr};
  char* const environment[] = {nullptr};
  const int error = posix_spawn(&pid_, program.c_str(), &actions, &attributes,
                                argv, environment);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) {
    pid_ = -1;
    return ErrnoStatus(error, absl::StrCat("start ", program));
  }
  return absl::OkStatus();
}

absl::Status UnpackProcess::Begin() {
  ASSIGN_OR_RETURN(reader_, Thread::Start([this] { ReadReport(); }));
  return absl::OkStatus();
}

UnpackProcess::~UnpackProcess() {
  if (pid_ > 0) kill(pid_, SIGKILL);
  reader_.Join();
  Wait().IgnoreError();
}

absl::Status UnpackProcess::Write(absl::string_view bytes) {
  archive::FdSink sink(input_.get(), cancelled_);
  return sink.Write(bytes);
}

void UnpackProcess::ReadReport() {
  ReportReader reader(report_.get());
  outcome_ = absl::InternalError("the unpacker ended without a report");
  while (true) {
    absl::StatusOr<ReportReader::Record> record = reader.Next();
    if (absl::IsOutOfRange(record.status())) return;
    if (!record.ok()) {
      outcome_ = record.status();
      return;
    }
    switch (record->kind) {
      case ReportKind::kOpaque:
        result_.opaque.push_back(std::move(record->text));
        break;
      case ReportKind::kImplicit:
        result_.implicit.push_back(std::move(record->text));
        break;
      case ReportKind::kRoot:
        result_.has_root = true;
        break;
      case ReportKind::kHint:
        break;  // None of the child's.
      case ReportKind::kDone:
        outcome_ = ParseDone(record->text, result_);
        break;
      case ReportKind::kError:
        outcome_ = ParseError(record->text);
        break;
    }
  }
}

absl::Status UnpackProcess::Wait() {
  if (pid_ <= 0) return absl::OkStatus();
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  if (WIFSIGNALED(status)) {
    return absl::InternalError(
        absl::StrCat("the unpacker was killed by signal ", WTERMSIG(status),
                     " (", strsignal(WTERMSIG(status)), ")"));
  }
  return absl::OkStatus();
}

absl::StatusOr<UnpackedLayer> UnpackProcess::Finish() {
  input_.reset();
  output_.reset();
  reader_.Join();
  RETURN_IF_ERROR(Wait());
  RETURN_IF_ERROR(outcome_);
  return std::move(result_);
}

}  // namespace tug::imaged
