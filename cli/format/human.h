// SPDX-License-Identifier: Apache-2.0
//
// Numbers and times as people read them, in Docker's words.
#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"

namespace tug::cli {

// "Less than a second", "5 minutes", "About an hour", "3 weeks".
std::string HumanDuration(absl::Duration duration);

// Powers of 1000, three digits: "4.18MB".
std::string HumanSize(int64_t bytes);

// Powers of 1024, four digits: "23.46GiB".
std::string BinarySize(int64_t bytes);

// "2026-11-24 06:00:00 +0000 UTC"; local zone.
std::string LocalTime(absl::Time time);

// Cuts to `width` characters, the last being an ellipsis.
std::string Ellipsis(const std::string& text, size_t width);

// The first 12 digits of an id, without "sha256:".
std::string ShortenId(const std::string& id);

}  // namespace tug::cli
