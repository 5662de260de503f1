// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/spec/host_kernel.h"

#include <sys/utsname.h>

#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace tug::runtimed {
namespace {

std::pair<int, int> MajorMinor(absl::string_view version) {
  const std::vector<absl::string_view> parts =
      absl::StrSplit(version, absl::ByAnyChar(".-+"));
  std::pair<int, int> result = {0, 0};
  if (!parts.empty() && !absl::SimpleAtoi(parts[0], &result.first)) {
    return {0, 0};
  }
  if (parts.size() > 1 && !absl::SimpleAtoi(parts[1], &result.second)) {
    result.second = 0;
  }
  return result;
}

}  // namespace

bool KernelIsAtLeast(absl::string_view version) {
  utsname own = {};
  uname(&own);
  return MajorMinor(own.release) >= MajorMinor(version);
}

}  // namespace tug::runtimed
