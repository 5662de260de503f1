// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tug::runtimed {

// Mount options in mount(8) form, split for fsmount(2).
struct TmpfsOptions {
  // MOUNT_ATTR_* bits.
  uint64_t attributes = 0;
  // What tmpfs itself understands: "size=64m,mode=1777".
  std::string options;
  // "shared", "rslave", ...; empty: not given.
  std::string propagation;
};

// nosuid, nodev and noexec unless the text says otherwise. INVALID_ARGUMENT
// (CONTAINER_SPEC_INVALID) for an option that tmpfs does not know.
absl::StatusOr<TmpfsOptions> ParseTmpfsOptions(absl::string_view text);

}  // namespace tug::runtimed
