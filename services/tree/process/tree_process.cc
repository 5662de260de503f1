// SPDX-License-Identifier: Apache-2.0
#include "services/tree/process/tree_process.h"

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
#include "services/tree/report/report.h"

namespace tug::tree {
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

absl::Status Malformed() {
  return absl::InternalError("malformed report of tug-tree");
}

absl::Status ParseDone(absl::string_view text, TreeReport& result) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, ' ');
  if (parts.size() == 1) return absl::OkStatus();  // No layer's.
  ASSIGN_OR_RETURN(result.diff_id, oci::Digest::FromHex(parts[0]));
  if (!absl::SimpleAtoi(parts[1], &result.bytes) || result.bytes < 0) {
    return Malformed();
  }
  return absl::OkStatus();
}

absl::Status ParseError(absl::string_view text) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits(' ', 1));
  int code = 0;
  if (!absl::SimpleAtoi(parts.first, &code) || code <= 0 || code > 16) {
    return Malformed();
  }
  return absl::Status(static_cast<absl::StatusCode>(code), parts.second);
}

}  // namespace

absl::StatusOr<std::unique_ptr<TreeProcess>> TreeProcess::StartLayer(
    const std::string& program, int directory, int64_t least_free,
    absl::string_view hints, std::function<bool()> cancelled) {
  std::unique_ptr<TreeProcess> process(new TreeProcess);
  process->cancelled_ = std::move(cancelled);
  UniqueFd child_input;
  RETURN_IF_ERROR(MakePipe(child_input, process->input_));
  ASSIGN_OR_RETURN(const UniqueFd child_hints, MakeHintFile(hints));
  RETURN_IF_ERROR(
      process->Start(program, {"layer", absl::StrCat(least_free)},
                     {child_input.get(), directory, child_hints.get()}));
  return process;
}

absl::StatusOr<std::unique_ptr<TreeProcess>> TreeProcess::StartCopy(
    const std::string& program, int input, int directory, int64_t least_free,
    std::function<bool()> cancelled) {
  std::unique_ptr<TreeProcess> process(new TreeProcess);
  process->cancelled_ = std::move(cancelled);
  RETURN_IF_ERROR(process->Start(program, {"copy", absl::StrCat(least_free)},
                                 {input, directory}));
  return process;
}

absl::StatusOr<std::unique_ptr<TreeProcess>> TreeProcess::StartFilter(
    const std::string& program, int input) {
  return StartStream(program, "filter", input);
}

absl::StatusOr<std::unique_ptr<TreeProcess>> TreeProcess::StartSpool(
    const std::string& program, int input) {
  return StartStream(program, "spool", input);
}

absl::StatusOr<std::unique_ptr<TreeProcess>> TreeProcess::StartStream(
    const std::string& program, const char* verb, int input) {
  std::unique_ptr<TreeProcess> process(new TreeProcess);
  UniqueFd child_output;
  RETURN_IF_ERROR(MakePipe(process->output_, child_output));
  RETURN_IF_ERROR(process->Start(program, {verb}, {input, child_output.get()}));
  return process;
}

absl::Status TreeProcess::Start(const std::string& program,
                                std::initializer_list<std::string> arguments,
                                std::initializer_list<int> fds) {
  UniqueFd child_report;
  RETURN_IF_ERROR(MakePipe(report_, child_report));
  std::vector<int> wanted(fds);
  wanted.insert(wanted.begin() + 2, child_report.get());
  std::vector<UniqueFd> copies;
  for (const int fd : wanted) {
    ASSIGN_OR_RETURN(UniqueFd copy, Lift(fd));
    copies.push_back(std::move(copy));
  }
  std::vector<std::string> words = {"tug-tree"};
  words.insert(words.end(), arguments);
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
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
  char* const environment[] = {nullptr};
  const int error = posix_spawn(&pid_, program.c_str(), &actions, &attributes,
                                argv.data(), environment);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) {
    pid_ = -1;
    return ErrnoStatus(error, absl::StrCat("start ", program));
  }
  ASSIGN_OR_RETURN(reader_, Thread::Start([this] { ReadReport(); }));
  return absl::OkStatus();
}

TreeProcess::~TreeProcess() {
  if (pid_ > 0) kill(pid_, SIGKILL);
  reader_.Join();
  Wait().IgnoreError();
}

absl::Status TreeProcess::Write(absl::string_view bytes) {
  archive::FdSink sink(input_.get(), cancelled_);
  return sink.Write(bytes);
}

void TreeProcess::ReadReport() {
  ReportReader reader(report_.get(), kMaxReportBytes, cancelled_);
  outcome_ = absl::InternalError("tug-tree ended without a report");
  while (true) {
    absl::StatusOr<ReportReader::Record> record = reader.Next();
    if (absl::IsOutOfRange(record.status())) return;
    if (record.ok()) {
      Take(*std::move(record));
      continue;
    }
    outcome_ = record.status();
    // It may still be at work, and nobody listens any more.
    kill(pid_, SIGKILL);
    return;
  }
}

void TreeProcess::Take(ReportReader::Record record) {
  switch (record.kind) {
    case ReportKind::kOpaque:
      result_.opaque.push_back(std::move(record.text));
      break;
    case ReportKind::kImplicit:
      result_.implicit.push_back(std::move(record.text));
      break;
    case ReportKind::kRoot:
      result_.has_root = true;
      break;
    case ReportKind::kHint:
      break;  // None of the child's.
    case ReportKind::kDone:
      outcome_ = ParseDone(record.text, result_);
      break;
    case ReportKind::kError:
      outcome_ = ParseError(record.text);
      break;
  }
}

absl::Status TreeProcess::Wait() {
  if (pid_ <= 0) return absl::OkStatus();
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  if (WIFSIGNALED(status)) {
    return absl::InternalError(absl::StrCat("tug-tree was killed by signal ",
                                            WTERMSIG(status), " (",
                                            strsignal(WTERMSIG(status)), ")"));
  }
  return absl::OkStatus();
}

absl::StatusOr<TreeReport> TreeProcess::Finish() {
  input_.reset();
  output_.reset();
  reader_.Join();
  const absl::Status ended = Wait();
  // A process that was killed for it says less.
  if (absl::IsCancelled(outcome_)) return outcome_;
  RETURN_IF_ERROR(ended);
  RETURN_IF_ERROR(outcome_);
  return std::move(result_);
}

absl::StatusOr<std::string> FindTreeProgram(const std::string& configured) {
  if (!configured.empty()) return configured;
  char path[4096];
  const ssize_t size = readlink("/proc/self/exe", path, sizeof(path));
  if (size < 0) return ErrnoStatus(errno, "find the own program");
  const std::string self(path, static_cast<size_t>(size));
  const std::string folder = self.substr(0, self.rfind('/'));
  // Installed side by side, or as Bazel builds them.
  for (const char* name : {"/tug-tree", "/../tree/tug-tree"}) {
    const std::string candidate = absl::StrCat(folder, name);
    if (access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return absl::NotFoundError(absl::StrCat("no tug-tree in ", folder,
                                          "; set tree-program to its path"));
}

}  // namespace tug::tree
