// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "proto/tug/runtime/v1/container.pb.h"

namespace tug::gatewayd {

// One mount of a container to be, before its volume exists.
struct PlannedMount {
  // With type "volume", `name` is empty for an anonymous one and `source` is
  // filled in once the volume is known.
  runtime::v1::MountPoint point;

  // For type "volume": how to make it, should it not exist.
  bool exists = false;  // Taken over from another container.
  bool no_copy = false;
  bool has_options = false;
  std::map<std::string, std::string> options;
  std::map<std::string, std::string> labels;
};

}  // namespace tug::gatewayd
