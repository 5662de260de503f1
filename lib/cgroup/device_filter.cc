// SPDX-License-Identifier: Apache-2.0
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ranges>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/cgroup/devices.h"
#include "lib/sys/unique_fd.h"

namespace tug::cgroup {
namespace {

// Most programs that are looked for on one group.
constexpr uint32_t kMaxPrograms = 16;

constexpr uint8_t kType = BPF_REG_2;
constexpr uint8_t kAccess = BPF_REG_3;
constexpr uint8_t kMajor = BPF_REG_4;
constexpr uint8_t kMinor = BPF_REG_5;

bpf_insn Instruction(uint8_t code, uint8_t dst, uint8_t src, int16_t offset,
                     int32_t immediate) {
  bpf_insn insn = {};
  insn.code = code;
  insn.dst_reg = dst;
  insn.src_reg = src;
  insn.off = offset;
  insn.imm = immediate;
  return insn;
}

bpf_insn LoadWord(uint8_t dst, size_t offset) {
  return Instruction(BPF_LDX | BPF_MEM | BPF_W, dst, BPF_REG_1,
                     static_cast<int16_t>(offset), 0);
}

bpf_insn Operate(uint8_t operation, uint8_t dst, int32_t immediate) {
  return Instruction(BPF_ALU | operation | BPF_K, dst, 0, 0, immediate);
}

// Context of the program: access_type holds the type in its low and the
// wanted access in its high half.
void LoadContext(std::vector<bpf_insn>& code) {
  const size_t access_type = offsetof(bpf_cgroup_dev_ctx, access_type);
  code.push_back(LoadWord(kType, access_type));
  code.push_back(Operate(BPF_AND, kType, 0xffff));
  code.push_back(LoadWord(kAccess, access_type));
  code.push_back(Operate(BPF_RSH, kAccess, 16));
  code.push_back(LoadWord(kMajor, offsetof(bpf_cgroup_dev_ctx, major)));
  code.push_back(LoadWord(kMinor, offsetof(bpf_cgroup_dev_ctx, minor)));
}

int32_t AccessBits(const DeviceRule& rule) {
  int32_t bits = 0;
  if (absl::StrContains(rule.access, "m")) bits |= BPF_DEVCG_ACC_MKNOD;
  if (absl::StrContains(rule.access, "r")) bits |= BPF_DEVCG_ACC_READ;
  if (absl::StrContains(rule.access, "w")) bits |= BPF_DEVCG_ACC_WRITE;
  return bits;
}

// The tests of one rule; each jumps past the rule when it does not match.
void AppendRule(const DeviceRule& rule, std::vector<bpf_insn>& code) {
  std::vector<bpf_insn> block;
  const auto skip_unless = [&](uint8_t reg, int32_t value) {
    block.push_back(Instruction(BPF_JMP | BPF_JNE | BPF_K, reg, 0, 0, value));
  };
  if (rule.type != 'a') {
    skip_unless(kType,
                rule.type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR);
  }
  const int32_t bits = AccessBits(rule);
  if (bits != 7) {
    // Allowing needs all wanted bits inside the rule; denying needs one.
    block.push_back(
        Instruction(BPF_ALU | BPF_MOV | BPF_X, BPF_REG_1, kAccess, 0, 0));
    block.push_back(Operate(BPF_AND, BPF_REG_1, rule.allow ? ~bits : bits));
    const uint8_t jump = rule.allow ? BPF_JNE : BPF_JEQ;
    block.push_back(Instruction(BPF_JMP | jump | BPF_K, BPF_REG_1, 0, 0, 0));
  }
  if (rule.major) skip_unless(kMajor, static_cast<int32_t>(*rule.major));
  if (rule.minor) skip_unless(kMinor, static_cast<int32_t>(*rule.minor));
  block.push_back(Instruction(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0,
                              rule.allow ? 1 : 0));
  block.push_back(Instruction(BPF_JMP | BPF_EXIT, 0, 0, 0, 0));
  for (size_t i = 0; i < block.size(); ++i) {
    const uint8_t operation = BPF_OP(block[i].code);
    const bool jumps = BPF_CLASS(block[i].code) == BPF_JMP &&
                       (operation == BPF_JNE || operation == BPF_JEQ);
    if (jumps) block[i].off = static_cast<int16_t>(block.size() - i - 1);
  }
  code.insert(code.end(), block.begin(), block.end());
}

long Bpf(int command, bpf_attr& attributes) {
  const long result =
      syscall(SYS_bpf, command, &attributes, sizeof(attributes));
  return result == -1 ? -errno : result;
}

absl::StatusOr<UniqueFd> Load(const std::vector<bpf_insn>& code) {
  static constexpr char kLicense[] = "Apache-2.0";
  bpf_attr attributes = {};
  attributes.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
  attributes.insns = reinterpret_cast<uint64_t>(code.data());
  attributes.insn_cnt = static_cast<uint32_t>(code.size());
  attributes.license = reinterpret_cast<uint64_t>(kLicense);
  const long fd = Bpf(BPF_PROG_LOAD, attributes);
  if (fd < 0) {
    return ErrnoStatus(static_cast<int>(fd), "load the device filter");
  }
  return UniqueFd(static_cast<int>(fd));
}

std::vector<uint32_t> AttachedPrograms(int directory) {
  std::vector<uint32_t> ids(kMaxPrograms);
  bpf_attr attributes = {};
  attributes.query.target_fd = static_cast<uint32_t>(directory);
  attributes.query.attach_type = BPF_CGROUP_DEVICE;
  attributes.query.prog_cnt = kMaxPrograms;
  attributes.query.prog_ids = reinterpret_cast<uint64_t>(ids.data());
  if (Bpf(BPF_PROG_QUERY, attributes) < 0) return {};
  ids.resize(attributes.query.prog_cnt);
  return ids;
}

void Detach(int directory, uint32_t id) {
  bpf_attr open = {};
  open.prog_id = id;
  const UniqueFd program(static_cast<int>(Bpf(BPF_PROG_GET_FD_BY_ID, open)));
  if (!program) return;
  bpf_attr attributes = {};
  attributes.target_fd = static_cast<uint32_t>(directory);
  attributes.attach_bpf_fd = static_cast<uint32_t>(program.get());
  attributes.attach_type = BPF_CGROUP_DEVICE;
  Bpf(BPF_PROG_DETACH, attributes);
}

}  // namespace

std::vector<bpf_insn> CompileDeviceFilter(
    const std::vector<DeviceRule>& rules) {
  std::vector<bpf_insn> code;
  LoadContext(code);
  for (const DeviceRule& rule : rules | std::views::reverse) {
    AppendRule(rule, code);
    // Nothing behind a rule that matches everything can be reached, and the
    // verifier refuses unreachable instructions.
    if (rule.type == 'a' && AccessBits(rule) == 7 && !rule.major &&
        !rule.minor) {
      return code;
    }
  }
  code.push_back(Instruction(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0));
  code.push_back(Instruction(BPF_JMP | BPF_EXIT, 0, 0, 0, 0));
  return code;
}

absl::Status ApplyDevicesV2(int directory,
                            const std::vector<DeviceRule>& rules) {
  ASSIGN_OR_RETURN(const UniqueFd program, Load(CompileDeviceFilter(rules)));
  const std::vector<uint32_t> before = AttachedPrograms(directory);
  bpf_attr attributes = {};
  attributes.target_fd = static_cast<uint32_t>(directory);
  attributes.attach_bpf_fd = static_cast<uint32_t>(program.get());
  attributes.attach_type = BPF_CGROUP_DEVICE;
  attributes.attach_flags = BPF_F_ALLOW_MULTI;
  const long attached = Bpf(BPF_PROG_ATTACH, attributes);
  if (attached < 0) {
    return ErrnoStatus(static_cast<int>(attached), "attach the device filter");
  }
  // All attached programs must agree, so the old ones go last.
  for (const uint32_t id : before) Detach(directory, id);
  return absl::OkStatus();
}

}  // namespace tug::cgroup
