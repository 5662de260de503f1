// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "services/runtimed/containers/record.pb.h"

namespace tug::runtimed {

// A published record never changes, so readers share it without a lock; that
// sharing is why this is a shared_ptr.
using RecordPtr = std::shared_ptr<const ContainerRecord>;

}  // namespace tug::runtimed
