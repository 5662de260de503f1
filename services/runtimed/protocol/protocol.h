// SPDX-License-Identifier: Apache-2.0
//
// What runtimed and a shim say to each other: messages of one fixed size over
// SOCK_SEQPACKET, descriptors beside them (SCM_RIGHTS, lib/sys/fd_channel.h).
// docs/formats/shim-protocol.md tells the order of things.
//
// Spawning: posix_spawn of tug-shim (of a sealed copy that is its own, see
// sealed_program.h) with exactly these descriptors open:
//   0, 1, 2   /dev/null, or a place for the shim's own complaints
//   3         one end of a socketpair(AF_UNIX, SOCK_SEQPACKET)
//   4         the sealed memfd with the launch plan
//   5 ...     namespaces to join, as numbered in the plan
// and no arguments. Nothing runs before kStart arrives; kAttach may be queued
// before it, so that no output is lost.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tug::runtimed {

inline constexpr uint32_t kShimMagic = 0x53475554;  // "TUGS"
inline constexpr uint16_t kShimVersion = 1;

inline constexpr int kControlFd = 3;
inline constexpr int kPlanFd = 4;
inline constexpr int kFirstExtraFd = 5;

// Execs that have not been acknowledged, at once, in one container.
inline constexpr size_t kMaxExecs = 256;
// Attached clients at once, execs included.
inline constexpr size_t kMaxClients = 512;
// Connections of runtimed at once.
inline constexpr size_t kMaxControls = 4;

inline constexpr size_t kExecIdSize = 64;
inline constexpr size_t kShimTextSize = 512;

enum class ShimMessageType : uint16_t {
  // --- Requests: runtimed to shim. Each has an `id` that its kReply carries.
  kStart = 1,    // start the process; the answer is kStarted or kStartFailed
  kAckExit = 2,  // the exit is recorded: the shim may end
  kSignal = 3,   // `value`: signal number; to the container's init. SIGKILL
                 // before its exec gives the start up
  kResize = 4,   // `rows`, `columns`
  // `flags`: kStream*; fd 0: the client's stream socket. `time`, if not 0: 1 +
  // the size of the log that the client has been given. It goes on from there,
  // first with what has no newline yet; if the log is longer by now, it is
  // refused with EAGAIN.
  kAttach = 5,
  kExecStart =
      6,  // `exec_id`; fd 0: exec plan; `flags`; fd 1 (unless 0 flags):
          // stream socket. Answer: kExecStarted or kExecFailed
  kExecSignal = 7,   // `exec_id`, `value`; as kSignal
  kExecResize = 8,   // `exec_id`, `rows`, `columns`
  kAckExec = 9,      // `exec_id`: its exit is recorded, forget it
  kRotateLog = 10,   // fd 0: the new log, opened for appending. Lines after the
                     // reply go there
  kCloseStdin = 11,  // `exec_id` or empty
  kGetState = 12,    // answer: kState, then a kExecStarted and, if ended,
                     // kExecExited for each exec, then kReply
  kGetNetns = 13,    // kReply with fd 0: an nsfs descriptor

  // --- Answers and events: shim to runtimed.
  kReply = 64,        // `id`, `error`: 0 or an errno; `text` may explain
  kStarted = 65,      // `pid`, `time`
  kStartFailed = 66,  // `error`: errno; `value`: LaunchStep; `text`: operand.
                      // The shim then waits for kAckExit and ends
  kExited = 67,       // `value`: exit code (128+n for signal n); kExitedOom in
                      // `flags`; `time`; sent to every connection until
                      // acknowledged
  kExecStarted = 68,  // `exec_id`, `pid`
  kExecFailed = 69,   // `exec_id`; as kStartFailed. Nothing to acknowledge
  kExecExited = 70,   // `exec_id`; as kExited; until kAckExec
  kLogFull = 71,      // the log has reached log_max_size; once per log file
  kLogError = 72,  // `error`, `value`: lines lost so far (at most one a second)
  kState = 73,     // `pid`, `time` started, `flags`: kState*; `value`, if
                   // exited: exit code
};

// Bits of ShimMessage::flags in kAttach and kExecStart. Without kStreamFramed
// and kStreamRaw output is raw with a terminal, else in Docker's 8-byte frames.
inline constexpr uint32_t kStreamStdin = 1u << 0;
inline constexpr uint32_t kStreamStdout = 1u << 1;
inline constexpr uint32_t kStreamStderr = 1u << 2;
inline constexpr uint32_t kStreamFramed = 1u << 3;
inline constexpr uint32_t kStreamRaw = 1u << 4;

// Bits of ShimMessage::flags in kExited, kExecExited.
inline constexpr uint32_t kExitedOom = 1u << 0;

// Bits of ShimMessage::flags in kState.
inline constexpr uint32_t kStateStarted = 1u << 0;
inline constexpr uint32_t kStateExited = 1u << 1;
inline constexpr uint32_t kStateOom = 1u << 2;

// Which part of a start failed. Names: LaunchStepName.
enum class LaunchStep : uint32_t {
  kNone = 0,
  kReadPlan = 1,
  kOpenLog = 2,
  kMakeStreams = 3,
  kClone = 4,
  kJoinCgroups = 5,
  kJoinNamespaces = 6,
  kOpenSources = 7,
  kMakePrivate = 8,
  kMountRoot = 9,
  kPivotRoot = 10,
  kMount = 11,
  kMakeDevices = 12,
  kOpenTerminal = 13,
  kSysctls = 14,
  kHostname = 15,
  kMaskPaths = 16,
  kReadOnlyPaths = 17,
  kLimits = 18,
  kLookUpUser = 19,
  kWorkingDirectory = 20,
  kStandardStreams = 21,
  kSeccomp = 22,
  kDropPrivileges = 23,
  kAppArmor = 24,
  // `error` ENOENT: not found (127); EACCES, EISDIR...: not executable (126).
  kFindProgram = 25,
  kExec = 26,
  // ENOENT: `text` is a group that the container's /etc/group does not have.
  kLookUpGroup = 27,
  // It was given up, and the child killed: ETIMEDOUT, ECANCELED (SIGKILL was
  // asked for), ECONNRESET (who asked for it is gone).
  kSetUp = 28,
};

// "mount", "find program", ...; "unknown step" for others. For the text
// "<step name>: <operand>: <strerror>".
const char* LaunchStepName(LaunchStep step);

// One message, in either direction. Zero what a type does not use; `text` and
// `exec_id` are NUL-padded, `text` always ends in NUL.
struct ShimMessage {
  uint32_t magic;
  uint16_t version;
  ShimMessageType type;
  // Chosen by the requester; 0 in events.
  uint32_t id;
  int32_t error;
  int32_t value;
  int32_t pid;
  uint32_t flags;
  uint16_t rows;
  uint16_t columns;
  // Nanoseconds since 1970.
  int64_t time;
  char exec_id[kExecIdSize];
  char text[kShimTextSize];
};
static_assert(sizeof(ShimMessage) == 40 + kExecIdSize + kShimTextSize);

// The exit record: the same facts, for a runtimed that finds no shim any more.
// Written to "<path>.new" and renamed before kExited is sent; not synced, since
// it belongs below /run.
inline constexpr uint32_t kExitRecordMagic = 0x45475554;  // "TUGE"
struct ExitRecord {
  uint32_t magic;
  uint32_t version;  // kShimVersion
  int32_t exit_code;
  int32_t oom_killed;
  // Nanoseconds since 1970.
  int64_t started;
  int64_t finished;
};

}  // namespace tug::runtimed
