// SPDX-License-Identifier: Apache-2.0
#include "services/volumed/drivers/local/local_options.h"

#include <sys/mount.h>

#include "gtest/gtest.h"
#include "lib/base/status.h"

namespace tug::volumed {
namespace {

using Options = std::map<std::string, std::string>;

TEST(ParseLocalOptionsTest, NoneMeansPlain) {
  EXPECT_TRUE(ParseLocalOptions({})->plain());
}

TEST(ParseLocalOptionsTest, SplitsFlagsFromData) {
  const auto tmpfs = ParseLocalOptions({{"type", "tmpfs"},
                                        {"device", "tmpfs"},
                                        {"o", "size=100m,uid=1000,nodev"}});
  ASSERT_TRUE(tmpfs.ok()) << tmpfs.status();
  EXPECT_EQ(tmpfs->flags, static_cast<unsigned long>(MS_NODEV));
  EXPECT_EQ(tmpfs->data, "size=100m,uid=1000");
}

TEST(ParseLocalOptionsTest, LastWordCounts) {
  const auto bind = ParseLocalOptions(
      {{"type", "none"}, {"device", "/x"}, {"o", "bind,ro,rw"}});
  ASSERT_TRUE(bind.ok());
  EXPECT_EQ(bind->flags, static_cast<unsigned long>(MS_BIND));
}

TEST(ParseLocalOptionsTest, NfsAddressIsKeptApart) {
  const auto nfs = ParseLocalOptions(
      {{"type", "nfs"}, {"device", ":/export"}, {"o", "addr=nas.lan,rw"}});
  ASSERT_TRUE(nfs.ok());
  EXPECT_EQ(nfs->address, "nas.lan");
  EXPECT_EQ(nfs->data, "");
}

TEST(ParseLocalOptionsTest, RefusesWhatCannotWork) {
  const Options kBad[] = {
      {{"color", "red"}},
      {{"type", "tmpfs"}},
      {{"device", "/x"}},
      {{"o", "bind"}},
      {{"size", "10m"}},
      {{"type", "none"}, {"device", "relative"}, {"o", "bind"}},
      {{"type", "tmpfs"}, {"device", "a\nb"}},
  };
  for (const Options& options : kBad) {
    EXPECT_EQ(StatusReason(ParseLocalOptions(options).status()),
              "VOLUME_OPTIONS_INVALID")
        << options.begin()->first;
  }
}

}  // namespace
}  // namespace tug::volumed
