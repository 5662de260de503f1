// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tug::netd {

// Of every ErrorInfo that netd sends.
inline constexpr char kErrorDomain[] = "netd.tug";

}  // namespace tug::netd
