// SPDX-License-Identifier: Apache-2.0
#include "lib/kernel/signal_name.h"

#include <csignal>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "lib/base/status.h"

namespace tug::kernel {
namespace {

// Real-time signals as clients count them: the kernel's 32 and 33 are the C
// library's, so that the first free one is 34.
constexpr int kRealTimeMin = 34;
constexpr int kRealTimeMax = 64;

struct Name {
  const char* name;
  int number;
};

constexpr Name kNames[] = {
    {"HUP", SIGHUP},       {"INT", SIGINT},         {"QUIT", SIGQUIT},
    {"ILL", SIGILL},       {"TRAP", SIGTRAP},       {"ABRT", SIGABRT},
    {"IOT", SIGABRT},      {"BUS", SIGBUS},         {"FPE", SIGFPE},
    {"KILL", SIGKILL},     {"USR1", SIGUSR1},       {"SEGV", SIGSEGV},
    {"USR2", SIGUSR2},     {"PIPE", SIGPIPE},       {"ALRM", SIGALRM},
    {"TERM", SIGTERM},     {"STKFLT", 16},          {"CHLD", SIGCHLD},
    {"CLD", SIGCHLD},      {"CONT", SIGCONT},       {"STOP", SIGSTOP},
    {"TSTP", SIGTSTP},     {"TTIN", SIGTTIN},       {"TTOU", SIGTTOU},
    {"URG", SIGURG},       {"XCPU", SIGXCPU},       {"XFSZ", SIGXFSZ},
    {"VTALRM", SIGVTALRM}, {"PROF", SIGPROF},       {"WINCH", SIGWINCH},
    {"IO", SIGIO},         {"POLL", SIGIO},         {"PWR", SIGPWR},
    {"SYS", SIGSYS},       {"RTMIN", kRealTimeMin}, {"RTMAX", kRealTimeMax},
};

bool ParseRealTime(absl::string_view text, int& number) {
  int offset = 0;
  if (absl::ConsumePrefix(&text, "RTMIN+")) {
    if (!absl::SimpleAtoi(text, &offset)) return false;
    number = kRealTimeMin + offset;
  } else if (absl::ConsumePrefix(&text, "RTMAX-")) {
    if (!absl::SimpleAtoi(text, &offset)) return false;
    number = kRealTimeMax - offset;
  } else {
    return false;
  }
  return offset >= 0 && number >= kRealTimeMin && number <= kRealTimeMax;
}

}  // namespace

absl::StatusOr<int> ParseSignal(absl::string_view text) {
  int number = 0;
  if (absl::SimpleAtoi(text, &number) && number >= 1 &&
      number <= kRealTimeMax) {
    return number;
  }
  const std::string upper = absl::AsciiStrToUpper(text);
  const absl::string_view bare = absl::StripPrefix(upper, "SIG");
  for (const Name& row : kNames) {
    if (bare == row.name) return row.number;
  }
  if (ParseRealTime(bare, number)) return number;
  return WithReason(
      absl::InvalidArgumentError(absl::StrCat("invalid signal: ", text)),
      "SIGNAL_UNKNOWN");
}

}  // namespace tug::kernel
