// SPDX-License-Identifier: Apache-2.0
#include "lib/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace tug {

void CheckFailed(const char* file, int line, const char* text) {
  std::fprintf(stderr, "%s:%d: broken invariant: %s\n", file, line, text);
  std::abort();
}

}  // namespace tug
