// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "lib/kv/key_value_store.h"

namespace tug::kv {

// Opens (creating it, mode 0700) the RocksDB at `directory`, sized for a few
// thousand small records. FAILED_PRECONDITION while another process holds it,
// DATA_LOSS if it is corrupt; both messages name the directory.
absl::StatusOr<std::unique_ptr<KeyValueStore>> OpenRocksDbStore(
    const std::string& directory);

}  // namespace tug::kv
