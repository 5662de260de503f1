// SPDX-License-Identifier: Apache-2.0
//
// tug-reaper: the first process of containers that ask for an init (--init).
// Runs one program, hands signals on to it, collects orphans, and ends with
// the program's status. Static: it runs on whatever the container has.
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

namespace tug::runtimed {
namespace {

constexpr int kNotFound = 127;
constexpr int kNotExecutable = 126;
constexpr int kSignalBase = 128;

// Signals of the kernel about this process itself are no message to pass on.
bool IsOurOwn(int signal) {
  return signal == SIGSEGV || signal == SIGBUS || signal == SIGFPE ||
         signal == SIGILL || signal == SIGTRAP || signal == SIGABRT ||
         signal == SIGTTIN || signal == SIGTTOU;
}

[[noreturn]] void RunProgram(char** argv, const sigset_t& mask) {
  // A group of its own in the foreground, so that the terminal's signals reach
  // the program once, not by us as well. Without a terminal both fail.
  setpgid(0, 0);
  tcsetpgrp(STDIN_FILENO, getpid());
  sigprocmask(SIG_SETMASK, &mask, nullptr);
  execvp(argv[0], argv);
  const int error = errno;
  fprintf(stderr, "exec %s failed: %s\n", argv[0], strerror(error));
  _exit(error == ENOENT ? kNotFound : kNotExecutable);
}

// Collects what has ended. True, with its status, if the program is among it.
bool Collect(pid_t program, int* status) {
  bool ended = false;
  for (;;) {
    int each = 0;
    const pid_t pid = waitpid(-1, &each, WNOHANG);
    if (pid == -1 && errno == EINTR) continue;
    if (pid <= 0) return ended;
    if (pid != program) continue;
    *status = each;
    ended = true;
  }
}

int Supervise(pid_t program, const sigset_t& all) {
  for (;;) {
    siginfo_t info = {};
    const int signal = sigwaitinfo(&all, &info);
    if (signal == -1) continue;
    if (signal != SIGCHLD) {
      kill(program, signal);
      continue;
    }
    int status = 0;
    if (!Collect(program, &status)) continue;
    return WIFSIGNALED(status) ? kSignalBase + WTERMSIG(status)
                               : WEXITSTATUS(status);
  }
}

int Run(int argc, char** argv) {
  int first = 1;
  if (argc > 1 && strcmp(argv[1], "--") == 0) first = 2;
  if (first >= argc) {
    fputs("usage: tug-reaper [--] program [argument...]\n", stderr);
    return 2;
  }
  sigset_t waited;
  sigfillset(&waited);
  for (int signal = 1; signal < NSIG; ++signal) {
    if (IsOurOwn(signal)) sigdelset(&waited, signal);
  }
  sigset_t before;
  sigset_t blocked = waited;
  // Setting the foreground group from the background must not stop us.
  sigaddset(&blocked, SIGTTOU);
  sigprocmask(SIG_SETMASK, &blocked, &before);
  const pid_t program = fork();
  if (program == -1) {
    perror("tug-reaper: fork");
    return kNotExecutable;
  }
  if (program == 0) RunProgram(argv + first, before);
  return Supervise(program, waited);
}

}  // namespace
}  // namespace tug::runtimed

int main(int argc, char** argv) { return tug::runtimed::Run(argc, argv); }
