// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "proto/tug/runtime/v1/container.pb.h"

namespace tug::gatewayd {

// By the id of a linked container: the names that links on the default network
// give it ("/web/db" for what "web" calls "db"). A list shows them as Docker
// does; no look-up knows them.
using LinkNames = std::map<std::string, std::set<std::string>>;

LinkNames LinkNamesOf(const std::vector<runtime::v1::Container>& containers);

}  // namespace tug::gatewayd
