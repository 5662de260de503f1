// SPDX-License-Identifier: Apache-2.0
//
// The part of classic BPF that filters for system calls are made of: one
// accumulator, words of seccomp_data, jumps forward.
#include "services/runtimed/init/seccomp_verdict.h"

#include <linux/audit.h>
#include <linux/seccomp.h>

#include <cstring>

namespace tug::runtimed {
namespace {

#if defined(__x86_64__)
constexpr uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
#error "Which AUDIT_ARCH_* is this?"
#endif

bool Jumps(uint16_t code, uint32_t value, uint32_t operand) {
  switch (BPF_OP(code)) {
    case BPF_JEQ:
      return value == operand;
    case BPF_JGT:
      return value > operand;
    case BPF_JGE:
      return value >= operand;
    default:  // BPF_JSET
      return (value & operand) != 0;
  }
}

}  // namespace

uint32_t SeccompVerdict(const sock_filter* program, size_t size, long call,
                        uint64_t first_argument, uint64_t second_argument) {
  seccomp_data data = {};
  data.nr = static_cast<int>(call);
  data.arch = kArchitecture;
  data.args[0] = first_argument;
  data.args[1] = second_argument;
  // Not known here: instruction pointer and the other arguments.
  constexpr size_t kPointer = offsetof(seccomp_data, instruction_pointer);
  constexpr size_t kKnownArguments = offsetof(seccomp_data, args);
  constexpr size_t kKnownEnd = kKnownArguments + 2 * sizeof(uint64_t);
  uint32_t value = 0;
  for (size_t next = 0; next < size; ++next) {
    const sock_filter& row = program[next];
    switch (row.code) {
      case BPF_LD | BPF_W | BPF_ABS:
        if (row.k % sizeof(value) != 0 || row.k >= kKnownEnd ||
            (row.k >= kPointer && row.k < kKnownArguments)) {
          return SECCOMP_RET_KILL_PROCESS;
        }
        memcpy(&value, reinterpret_cast<const char*>(&data) + row.k,
               sizeof(value));
        break;
      case BPF_ALU | BPF_AND | BPF_K:
        value &= row.k;
        break;
      case BPF_JMP | BPF_JA:
        next += row.k;
        break;
      case BPF_JMP | BPF_JEQ | BPF_K:
      case BPF_JMP | BPF_JGT | BPF_K:
      case BPF_JMP | BPF_JGE | BPF_K:
      case BPF_JMP | BPF_JSET | BPF_K:
        next += Jumps(row.code, value, row.k) ? row.jt : row.jf;
        break;
      case BPF_RET | BPF_K:
        return row.k;
      default:
        return SECCOMP_RET_KILL_PROCESS;
    }
  }
  return SECCOMP_RET_KILL_PROCESS;
}

}  // namespace tug::runtimed
