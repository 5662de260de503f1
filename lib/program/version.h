// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tug {

// The version of all programs of this tree.
inline constexpr char kVersion[] = "0.1.0";

}  // namespace tug
