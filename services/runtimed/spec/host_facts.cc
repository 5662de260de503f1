// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/spec/host_facts.h"

#include <fcntl.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "lib/sys/unique_fd.h"

namespace tug::runtimed {
namespace {

bool HasAppArmor() {
  const UniqueFd fd(
      open("/sys/module/apparmor/parameters/enabled", O_RDONLY | O_CLOEXEC));
  char answer = 'N';
  return fd.valid() && read(fd.get(), &answer, 1) == 1 && answer == 'Y';
}

}  // namespace

HostFacts ReadHostFacts(const cgroup::CgroupTree& tree, std::string init_path) {
  HostFacts facts;
  facts.capabilities = kernel::OwnBoundingSet();
  facts.cgroup_version = tree.version();
  facts.support = tree.support();
  facts.apparmor = HasAppArmor();
  facts.time_namespaces = access("/proc/self/ns/time", F_OK) == 0;
  utsname names = {};
  uname(&names);
  facts.host_name = names.nodename;
  facts.init_path = std::move(init_path);
  return facts;
}

}  // namespace tug::runtimed
