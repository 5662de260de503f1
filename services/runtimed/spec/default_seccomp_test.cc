// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/spec/default_seccomp.h"

#include <gtest/gtest.h>
#include <linux/audit.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "lib/kernel/bpf_interpreter.h"
#include "services/runtimed/spec/capabilities.h"
#include "services/runtimed/spec/seccomp_profile.h"

namespace tug::runtimed {
namespace {

constexpr uint32_t kAllow = SECCOMP_RET_ALLOW;
constexpr uint32_t kDenied = SECCOMP_RET_ERRNO | EPERM;
constexpr uint32_t kAbsent = SECCOMP_RET_ERRNO | ENOSYS;
constexpr uint64_t kNewUser = 0x10000000;

std::vector<sock_filter> Compile(const kernel::SeccompPolicy& policy) {
  const auto code = kernel::CompileSeccomp(policy);
  EXPECT_TRUE(code.ok()) << code.status();
  return code.ok() ? *code : std::vector<sock_filter>();
}

struct Case {
  const char* name;
  uint32_t number;
  uint64_t argument;
  uint32_t by_default;
  uint32_t with_all;
};

TEST(DefaultSeccomp, Verdicts) {
  const auto defaults = Compile(DefaultSeccompPolicy(DefaultCapabilities()));
  const auto all = Compile(DefaultSeccompPolicy(~uint64_t{0}));
  const Case cases[] = {
      {"read", SYS_read, 0, kAllow, kAllow},
      {"mount", SYS_mount, 0, kDenied, kAllow},
      {"unshare", SYS_unshare, kNewUser, kDenied, kAllow},
      {"clone", SYS_clone, 0x11, kAllow, kAllow},
      {"clone user", SYS_clone, kNewUser, kDenied, kAllow},
      {"clone3", SYS_clone3, 0, kAbsent, kAllow},
      {"socket inet", SYS_socket, 2, kAllow, kAllow},
      {"socket alg", SYS_socket, 38, kDenied, kDenied},
      {"socket 39", SYS_socket, 39, kAllow, kAllow},
      {"socket vsock", SYS_socket, 40, kDenied, kDenied},
      {"personality", SYS_personality, 0x20008, kAllow, kAllow},
      {"personality x", SYS_personality, 0x40000, kDenied, kDenied},
      {"io_uring", SYS_io_uring_setup, 0, kDenied, kDenied},
      {"ptrace", SYS_ptrace, 0, kAllow, kAllow},
      {"chroot", SYS_chroot, 0, kAllow, kAllow},
      {"reboot", SYS_reboot, 0, kDenied, kAllow},
      {"bpf", SYS_bpf, 0, kDenied, kAllow},
      {"keyctl", SYS_keyctl, 0, kDenied, kDenied},
      {"fchmodat2", 452, 0, kAllow, kAllow},
      {"futex_requeue", 456, 0, kAllow, kAllow},
      {"statmount", 457, 0, kAbsent, kAbsent},
      {"lsm_list_modules", 461, 0, kAbsent, kAbsent},
      {"file_setattr", 469, 0, kAbsent, kAbsent},
      {"of the future", 600, 0, kAbsent, kAbsent},
  };
  for (const Case& c : cases) {
    const auto data = kernel::NativeSeccompData(c.number, {c.argument});
    EXPECT_EQ(kernel::InterpretSeccomp(defaults, data), c.by_default) << c.name;
    EXPECT_EQ(kernel::InterpretSeccomp(all, data), c.with_all) << c.name;
  }
}

// With TUG_SECCOMP_REFERENCE=FILE (Docker's default profile): the same verdict
// for every call, on every architecture.
TEST(DefaultSeccomp, AgreesWithTheReference) {
  const char* path = getenv("TUG_SECCOMP_REFERENCE");
  if (path == nullptr) GTEST_SKIP() << "TUG_SECCOMP_REFERENCE is not set";
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  for (const kernel::CapabilitySet set :
       {DefaultCapabilities(), uint64_t{0}, ~uint64_t{0}}) {
    const auto policy = ParseSeccompProfile(text.str(), set);
    ASSERT_TRUE(policy.ok()) << policy.status();
    const auto theirs = Compile(*policy);
    const auto ours = Compile(DefaultSeccompPolicy(set));
    for (const uint32_t arch :
         {uint32_t{AUDIT_ARCH_X86_64}, uint32_t{AUDIT_ARCH_I386}}) {
      for (uint32_t number = 0; number < 600; ++number) {
        for (const uint64_t argument :
             {uint64_t{0}, uint64_t{1}, uint64_t{38}, uint64_t{39},
              uint64_t{40}, uint64_t{41}, kNewUser, uint64_t{0x20008}}) {
          auto data = kernel::NativeSeccompData(number, {argument, argument});
          data.arch = arch;
          ASSERT_EQ(kernel::InterpretSeccomp(ours, data),
                    kernel::InterpretSeccomp(theirs, data))
              << number << " " << argument << " " << arch;
        }
      }
    }
  }
}

TEST(SeccompProfile, SaysWhatIsWrong) {
  for (
      const char* bad :
      {"", "[]", "{", R"({"defaultAction":"SCMP_ACT_FLY"})",
       R"({"defaultAction":"SCMP_ACT_ALLOW","syscalls":{}})",
       R"({"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"action":"SCMP_ACT_ALLOW"}]})",
       R"({"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW","args":[{"index":9,"op":"SCMP_CMP_EQ"}]}]})"}) {
    EXPECT_FALSE(ParseSeccompProfile(bad, 0).ok()) << bad;
  }
}

}  // namespace
}  // namespace tug::runtimed
