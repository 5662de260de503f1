// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/lifecycle/cgroup_of.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace tug::runtimed {

std::string CgroupPathOf(const Config& config,
                         const runtime::v1::Container& container) {
  absl::string_view parent = container.host_config().cgroup_parent();
  absl::ConsumePrefix(&parent, "/");
  if (parent.empty()) parent = config.cgroup_parent();
  return absl::StrCat(parent, "/", container.id());
}

}  // namespace tug::runtimed
