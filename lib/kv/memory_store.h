// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "lib/kv/key_value_store.h"

namespace tug::kv {

// The same contract without a disk, for tests; passes key_value_contract.h.
std::unique_ptr<KeyValueStore> NewMemoryStore();

}  // namespace tug::kv
