// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/shim/sealed_program.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "lib/sys/file.h"

namespace tug::runtimed {
namespace {

constexpr char kSelf[] = "/proc/self/exe";
constexpr char kName[] = "tug-shim";
constexpr int kSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
// linux/memfd.h, Linux 6.3: executable even where vm.memfd_noexec is set.
constexpr unsigned kMfdExec = 0x10;
constexpr int kFirstProgramFd = 32;

int MakeMemfd() {
  constexpr unsigned kFlags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  const int fd = memfd_create(kName, kFlags | kMfdExec);
  return fd == -1 && errno == EINVAL ? memfd_create(kName, kFlags) : fd;
}

}  // namespace

long SealProgram(int program, UniqueFd* copy) {
  UniqueFd memory(MakeMemfd());
  if (!memory) return -errno;
  const long error = sys::CopyFile(program, memory.get());
  if (error < 0) return error;
  if (fcntl(memory.get(), F_ADD_SEALS, kSeals) != 0) return -errno;
  // Away from the numbers that a spawn gives to the shim's descriptors: they
  // are put into place before the exec looks at this one.
  UniqueFd moved(fcntl(memory.get(), F_DUPFD_CLOEXEC, kFirstProgramFd));
  if (!moved) return -errno;
  *copy = std::move(moved);
  return 0;
}

long SealProgramAt(const char* path, UniqueFd* copy) {
  const UniqueFd file(open(path, O_RDONLY | O_CLOEXEC));
  if (!file) return -errno;
  return SealProgram(file.get(), copy);
}

bool RunsSealed() {
  const UniqueFd self(open(kSelf, O_RDONLY | O_CLOEXEC));
  if (!self) return false;
  const int seals = fcntl(self.get(), F_GET_SEALS);
  return seals != -1 && (seals & F_SEAL_WRITE) != 0;
}

}  // namespace tug::runtimed
