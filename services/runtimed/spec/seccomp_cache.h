// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <linux/filter.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "lib/kernel/seccomp_compile.h"

namespace tug::runtimed {

// Compiled seccomp programs, in memory and in a directory of this boot, so
// that the 20 ms of a compilation are paid once per policy.
//
// Thread-safe; two callers may compile the same policy at the same time.
class SeccompCache {
 public:
  // Most programs kept in memory; then it starts afresh.
  static constexpr size_t kMaxPrograms = 64;
  // Shared by the starts that load it; never changes.
  using Program = std::shared_ptr<const std::vector<sock_filter>>;

  // `directory` is made (0700) when first needed.
  explicit SeccompCache(std::string directory);

  absl::StatusOr<Program> Compiled(const kernel::SeccompPolicy& policy);

 private:
  Program ReadFile(const std::string& key) const;
  void WriteFile(const std::string& key,
                 const std::vector<sock_filter>& code) const;

  const std::string directory_;
  absl::Mutex mutex_;
  std::map<std::string, Program> programs_ ABSL_GUARDED_BY(mutex_);
};

// The policy as text; equal policies give equal texts.
std::string DescribePolicy(const kernel::SeccompPolicy& policy);

}  // namespace tug::runtimed
