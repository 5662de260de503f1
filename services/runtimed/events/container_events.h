// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "lib/event/event_bus.h"
#include "proto/tug/runtime/v1/container.pb.h"

namespace tug::runtimed {

// Publishes one thing that happened to a container: its labels, image and
// name, and what `extra` adds, as clients of Docker know them.
void PublishContainerEvent(
    EventBus& events, const runtime::v1::Container& container,
    absl::string_view action,
    const std::map<std::string, std::string>& extra = {});

// For the engine itself: a container that waited to be started again by its
// policy will not be. Its last "die" came before that was known.
void PublishSettled(EventBus& events, const std::string& id);

// "exec_create: sh -c ls", as actions of execs are named.
std::string ExecAction(absl::string_view verb,
                       const runtime::v1::ExecConfig& config);

}  // namespace tug::runtimed
