// SPDX-License-Identifier: Apache-2.0
//
// How large the parts of a configuration may be that images, and those who make
// containers, bring along. Each is larger than what anybody was seen to use;
// without them one label may be as large as a whole message.
#pragma once

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace tug::oci {

// Bytes of each part, as BytesOf() counts them.
struct ConfigLimits {
  // Builders keep their bills of materials here: some 300 KB were seen.
  size_t labels;
  // execve(2) takes 2 MiB of both together with the usual limit of the stack.
  size_t environment = 2 << 20;
  size_t command = 2 << 20;
  // The test of a health check; it is run again and again.
  size_t health_test = 256 << 10;
};
inline constexpr ConfigLimits kImageLimits = {.labels = 1 << 20};
// An image's labels, and the container's own with its annotations.
inline constexpr ConfigLimits kContainerLimits = {.labels = 2 << 20};

// What one string costs besides its bytes: a pointer, as execve(2) counts.
inline constexpr size_t kStringOverhead = 8;

// Bytes of a list of strings.
template <typename Strings>
size_t BytesOf(const Strings& strings) {
  size_t bytes = 0;
  for (const auto& text : strings) bytes += text.size() + kStringOverhead;
  return bytes;
}
// Bytes of a map of strings.
template <typename Map>
size_t BytesOfMap(const Map& map) {
  size_t bytes = 0;
  for (const auto& [key, value] : map) {
    bytes += key.size() + value.size() + 2 * kStringOverhead;
  }
  return bytes;
}

// The parts of one configuration.
struct ConfigSize {
  size_t labels = 0;
  size_t environment = 0;
  // Entry point and command.
  size_t command = 0;
  size_t health_test = 0;
};

// INVALID_ARGUMENT, naming the first part that is too large.
absl::Status CheckConfigSize(const ConfigSize& size,
                             const ConfigLimits& limits);

}  // namespace tug::oci
