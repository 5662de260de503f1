// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "services/netd/firewall/forward_guards.h"

namespace tug::netd {

// The commands that make the table of both families what it has to be, as one
// transaction: elements of sets and maps stay, rules of our own chains are
// replaced without a moment in between, nothing else is touched.
std::string SetupCommands(absl::string_view table, const ForwardGuards& guards);

}  // namespace tug::netd
