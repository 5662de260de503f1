// SPDX-License-Identifier: Apache-2.0
#include "lib/kernel/seccomp_compile.h"

#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <memory>
#include <set>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/kernel/newer_syscalls.h"
#include "lib/sys/unique_fd.h"

namespace tug::kernel {
namespace {

struct Release {
  void operator()(void* context) const { seccomp_release(context); }
};
using Context = std::unique_ptr<void, Release>;

uint32_t NativeAction(SeccompAction action, uint32_t value) {
  switch (action) {
    case SeccompAction::kAllow:
      return SCMP_ACT_ALLOW;
    case SeccompAction::kErrno:
      return SCMP_ACT_ERRNO(value);
    case SeccompAction::kKillThread:
      return SCMP_ACT_KILL_THREAD;
    case SeccompAction::kKillProcess:
      return SCMP_ACT_KILL_PROCESS;
    case SeccompAction::kTrap:
      return SCMP_ACT_TRAP;
    case SeccompAction::kTrace:
      return SCMP_ACT_TRACE(value);
    case SeccompAction::kLog:
      return SCMP_ACT_LOG;
  }
  return SCMP_ACT_KILL_PROCESS;
}

scmp_compare NativeCompare(SeccompCompare compare) {
  switch (compare) {
    case SeccompCompare::kNotEqual:
      return SCMP_CMP_NE;
    case SeccompCompare::kLess:
      return SCMP_CMP_LT;
    case SeccompCompare::kLessOrEqual:
      return SCMP_CMP_LE;
    case SeccompCompare::kEqual:
      return SCMP_CMP_EQ;
    case SeccompCompare::kGreaterOrEqual:
      return SCMP_CMP_GE;
    case SeccompCompare::kGreater:
      return SCMP_CMP_GT;
    case SeccompCompare::kMaskedEqual:
      return SCMP_CMP_MASKED_EQ;
  }
  return SCMP_CMP_EQ;
}

void AddForeignArchitectures(scmp_filter_ctx context) {
  // -EEXIST for the native one, -EINVAL for those of other machines.
  if (seccomp_arch_native() == SCMP_ARCH_X86_64) {
    seccomp_arch_add(context, SCMP_ARCH_X86);
    seccomp_arch_add(context, SCMP_ARCH_X32);
  } else if (seccomp_arch_native() == SCMP_ARCH_AARCH64) {
    seccomp_arch_add(context, SCMP_ARCH_ARM);
  }
}

absl::Status AddRule(scmp_filter_ctx context, const SeccompRule& rule,
                     const std::string& name) {
  const int number = seccomp_syscall_resolve_name(name.c_str());
  if (number == __NR_SCMP_ERROR) return absl::OkStatus();
  const uint32_t action = NativeAction(rule.action, rule.value);
  std::vector<scmp_arg_cmp> arguments;
  for (const SeccompArgument& argument : rule.arguments) {
    scmp_arg_cmp native = {};
    native.arg = argument.index;
    native.op = NativeCompare(argument.compare);
    native.datum_a = argument.value;
    native.datum_b = argument.value_two;
    arguments.push_back(native);
  }
  const int result = seccomp_rule_add_array(
      context, action, number, static_cast<unsigned>(arguments.size()),
      arguments.data());
  // -EEXIST: said before. -EACCES: the same as the default. -EDOM: not a call
  // of this architecture.
  if (result == 0 || result == -EEXIST || result == -EACCES ||
      result == -EDOM) {
    return absl::OkStatus();
  }
  return ErrnoStatus(result, absl::StrCat("seccomp rule for ", name));
}

absl::StatusOr<std::vector<sock_filter>> Export(scmp_filter_ctx context) {
  const UniqueFd memory(memfd_create("seccomp", MFD_CLOEXEC));
  if (!memory) return ErrnoStatus(errno, "make a memfd");
  const int exported = seccomp_export_bpf(context, memory.get());
  if (exported != 0) return ErrnoStatus(exported, "export the seccomp filter");
  struct stat info = {};
  if (fstat(memory.get(), &info) != 0) return ErrnoStatus(errno, "stat memfd");
  std::vector<sock_filter> code(static_cast<size_t>(info.st_size) /
                                sizeof(sock_filter));
  const size_t size = code.size() * sizeof(sock_filter);
  if (pread(memory.get(), code.data(), size, 0) != static_cast<ssize_t>(size)) {
    return ErrnoStatus(errno, "read the seccomp filter");
  }
  return code;
}

uint32_t KernelAction(SeccompAction action, uint32_t value) {
  switch (action) {
    case SeccompAction::kAllow:
      return SECCOMP_RET_ALLOW;
    case SeccompAction::kErrno:
      return SECCOMP_RET_ERRNO | (value & SECCOMP_RET_DATA);
    case SeccompAction::kKillThread:
      return SECCOMP_RET_KILL_THREAD;
    case SeccompAction::kKillProcess:
      return SECCOMP_RET_KILL_PROCESS;
    case SeccompAction::kTrap:
      return SECCOMP_RET_TRAP;
    case SeccompAction::kTrace:
      return SECCOMP_RET_TRACE | (value & SECCOMP_RET_DATA);
    case SeccompAction::kLog:
      return SECCOMP_RET_LOG;
  }
  return SECCOMP_RET_KILL_PROCESS;
}

// Answers the calls that libseccomp does not know, before its own program. x32
// numbers carry bit 30 and so are beyond the range. Where all is refused that
// is not named, a call that nobody has reviewed is absent, named or not; where
// all is allowed, what names such a call is a prohibition, and kept.
std::vector<sock_filter> Prologue(const SeccompPolicy& policy) {
  constexpr uint32_t kBeyond = 0x40000000;
  std::vector<sock_filter> rows;
  std::set<uint32_t> seen;
  const bool refuses = policy.default_action == SeccompAction::kErrno;
  for (const SeccompRule& rule : policy.rules) {
    if (!rule.arguments.empty()) continue;
    for (const std::string& name : rule.names) {
      const std::optional<uint32_t> number = NewerSyscallNumber(name);
      if (!number.has_value() || (refuses && *number > kLastReviewedSyscall) ||
          !seen.insert(*number).second) {
        continue;
      }
      rows.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, *number, 0, 1));
      rows.push_back(
          BPF_STMT(BPF_RET | BPF_K, KernelAction(rule.action, rule.value)));
    }
  }
  if (refuses) {
    rows.push_back(
        BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, kLastReviewedSyscall, 0, 1));
    rows.push_back(
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | uint32_t{ENOSYS}));
  }
  const auto all = static_cast<uint8_t>(rows.size());
  std::vector<sock_filter> code;
  code.push_back(
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)));
  code.push_back(BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, kFirstNewerSyscall, 0,
                          static_cast<uint8_t>(all + 1)));
  code.push_back(BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, kBeyond, all, 0));
  code.insert(code.end(), rows.begin(), rows.end());
  return code;
}

}  // namespace

absl::StatusOr<std::vector<sock_filter>> CompileSeccomp(
    const SeccompPolicy& policy) {
  const Context context(
      seccomp_init(NativeAction(policy.default_action, policy.default_value)));
  if (context == nullptr) {
    return absl::InvalidArgumentError("seccomp: impossible default action");
  }
  // no_new_privs is the init's decision.
  seccomp_attr_set(context.get(), SCMP_FLTATR_CTL_NNP, 0);
  // A binary tree over the numbers instead of a list.
  seccomp_attr_set(context.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2);
  if (policy.foreign_architectures) AddForeignArchitectures(context.get());
  for (const SeccompRule& rule : policy.rules) {
    for (const std::string& name : rule.names) {
      RETURN_IF_ERROR(AddRule(context.get(), rule, name));
    }
  }
  ASSIGN_OR_RETURN(const std::vector<sock_filter> main, Export(context.get()));
  std::vector<sock_filter> code = Prologue(policy);
  code.insert(code.end(), main.begin(), main.end());
  if (code.size() > BPF_MAXINSNS) {
    return absl::InvalidArgumentError(absl::StrCat("seccomp profile needs ",
                                                   code.size(),
                                                   " instructions, the kernel "
                                                   "takes ",
                                                   BPF_MAXINSNS));
  }
  return code;
}

}  // namespace tug::kernel
