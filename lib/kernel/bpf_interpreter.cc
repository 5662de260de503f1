// SPDX-License-Identifier: Apache-2.0
#include "lib/kernel/bpf_interpreter.h"

#include <linux/audit.h>

#include <cstring>

namespace tug::kernel {
namespace {

bool Jumps(uint16_t code, uint32_t accumulator, uint32_t value) {
  switch (BPF_OP(code)) {
    case BPF_JEQ:
      return accumulator == value;
    case BPF_JGT:
      return accumulator > value;
    case BPF_JGE:
      return accumulator >= value;
    case BPF_JSET:
      return (accumulator & value) != 0;
    default:
      return false;
  }
}

}  // namespace

seccomp_data NativeSeccompData(uint32_t number,
                               std::initializer_list<uint64_t> arguments) {
  seccomp_data data = {};
  data.nr = static_cast<int>(number);
#if defined(__x86_64__)
  data.arch = AUDIT_ARCH_X86_64;
#else
  data.arch = AUDIT_ARCH_AARCH64;
#endif
  size_t index = 0;
  for (const uint64_t argument : arguments) data.args[index++] = argument;
  return data;
}

uint32_t InterpretSeccomp(const std::vector<sock_filter>& code,
                          const seccomp_data& data) {
  uint32_t accumulator = 0;
  uint32_t scratch[BPF_MEMWORDS] = {};
  for (size_t pc = 0; pc < code.size(); ++pc) {
    const sock_filter& row = code[pc];
    switch (BPF_CLASS(row.code)) {
      case BPF_LD:
        if (BPF_MODE(row.code) == BPF_MEM) {
          accumulator = scratch[row.k % BPF_MEMWORDS];
        } else if (row.k + sizeof(uint32_t) <= sizeof(data)) {
          memcpy(&accumulator, reinterpret_cast<const char*>(&data) + row.k,
                 sizeof(uint32_t));
        }
        break;
      case BPF_ST:
        scratch[row.k % BPF_MEMWORDS] = accumulator;
        break;
      case BPF_ALU:
        if (BPF_OP(row.code) != BPF_AND) return 0;
        accumulator &= row.k;
        break;
      case BPF_JMP:
        if (BPF_OP(row.code) == BPF_JA) {
          pc += row.k;
        } else {
          pc += Jumps(row.code, accumulator, row.k) ? row.jt : row.jf;
        }
        break;
      case BPF_RET:
        return row.k;
      default:
        return 0;
    }
  }
  return 0;
}

}  // namespace tug::kernel
