// SPDX-License-Identifier: Apache-2.0
#include "lib/testing/temp_dir.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "lib/base/check.h"

namespace tug {
namespace {

// Leaves room for a socket name in sockaddr_un's 108 bytes.
constexpr size_t kLongestParent = 60;

std::string Parent() {
  const char* given = std::getenv("TEST_TMPDIR");
  if (given == nullptr || std::string(given).size() > kLongestParent) {
    return "/tmp";
  }
  return given;
}

}  // namespace

TempDir::TempDir() : path_(Parent() + "/tug-XXXXXX") {
  CHECK(mkdtemp(path_.data()) != nullptr);
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TempDir::Write(const std::string& name,
                           const std::string& content) const {
  const std::string path = path_ + "/" + name;
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << content;
  file.close();
  CHECK(!file.fail());
  return path;
}

}  // namespace tug
