// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "proto/tug/runtime/v1/container.pb.h"
#include "services/runtimed/config.pb.h"

namespace tug::runtimed {

// The container's own cgroup, relative to the hierarchy: "tug/<id>", or below
// the parent that it asks for.
std::string CgroupPathOf(const Config& config,
                         const runtime::v1::Container& container);

}  // namespace tug::runtimed
