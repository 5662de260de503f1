// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "gtest/gtest.h"
#include "lib/testing/status_matchers.h"
#include "lib/testing/temp_dir.h"
#include "services/imaged/files/directory.h"

namespace tug::imaged {
namespace {

namespace fs = std::filesystem;

UniqueFd Open(const std::string& path) {
  return UniqueFd(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

TEST(OpenBeneathTest, LinksAreNotFollowed) {
  const TempDir temp;
  const std::string file = temp.Write("f", "x");
  fs::create_symlink(file, temp.path() + "/l");
  const UniqueFd top = Open(temp.path());
  EXPECT_THAT(OpenBeneath(top.get(), "f", O_RDONLY), IsOk());
  EXPECT_FALSE(OpenBeneath(top.get(), "l", O_RDONLY).ok());
  EXPECT_FALSE(OpenBeneath(top.get(), "../x", O_RDONLY).ok());
  EXPECT_FALSE(OpenBeneath(top.get(), "/etc", O_RDONLY).ok());
}

}  // namespace
}  // namespace tug::imaged
