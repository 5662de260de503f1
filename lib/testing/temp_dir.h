// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tug {

// A fresh directory (mode 0700, below TEST_TMPDIR or /tmp), removed with all
// its content at the end. Its path is short enough for unix sockets.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }

  // Writes a file of this directory, and answers its path.
  std::string Write(const std::string& name, const std::string& content) const;

 private:
  std::string path_;
};

}  // namespace tug
