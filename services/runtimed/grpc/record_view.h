// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "services/runtimed/runtime/runtime.h"

namespace tug::runtimed {

// The record as clients see it, with the ids of its execs and its health.
runtime::v1::Container FullView(const Runtime& rt,
                                const ContainerRecord& record);

// What a list shows of it.
runtime::v1::Container BasicView(const Runtime& rt,
                                 const ContainerRecord& record);

// What no list can do without, for a record that an older version stored too
// large: no labels, arguments, mounts or annotations.
runtime::v1::Container ShortView(const Runtime& rt,
                                 const ContainerRecord& record);

}  // namespace tug::runtimed
