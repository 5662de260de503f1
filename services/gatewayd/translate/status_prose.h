// SPDX-License-Identifier: Apache-2.0
//
// States, spans and sizes in words, as `docker ps` shows them.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "proto/tug/runtime/v1/container.pb.h"

namespace tug::gatewayd {

// "created", "running", "paused", "restarting", "removing", "exited", "dead".
absl::string_view StateWord(runtime::v1::ContainerState state);

// "Up 5 minutes (healthy)", "Exited (137) 2 hours ago", "Created", ...
std::string StatusProse(const runtime::v1::Container& container,
                        absl::Time now);

// "Less than a second", "About a minute", "3 weeks".
std::string HumanDuration(absl::Duration duration);

// Decimal, four significant digits: "3.056MB".
std::string HumanSize(int64_t bytes);

}  // namespace tug::gatewayd
