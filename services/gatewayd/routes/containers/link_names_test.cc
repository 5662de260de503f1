// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/routes/containers/link_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tug::gatewayd {
namespace {

using ::testing::ElementsAre;

runtime::v1::Container Named(const char* id, const char* name,
                             const char* mode = "bridge") {
  runtime::v1::Container container;
  container.set_id(id);
  container.set_name(name);
  container.mutable_host_config()->set_network_mode(mode);
  return container;
}

void Link(runtime::v1::Container& container, const char* text) {
  container.mutable_host_config()->mutable_links()->add_values(text);
}

// Issue 7, B26.
TEST(LinkNamesTest, AreThoseOfTheDefaultNetwork) {
  std::vector<runtime::v1::Container> all = {
      Named("aa1", "db"), Named("bb2", "web"), Named("cc3", "app", "own")};
  Link(all[1], "db:zz");
  Link(all[1], "/db:aa");
  Link(all[1], "db");
  Link(all[1], "aa:by-id");
  Link(all[1], "gone:x");
  Link(all[2], "db:own");
  const LinkNames names = LinkNamesOf(all);
  ASSERT_EQ(names.size(), 1u);
  EXPECT_THAT(names.at("aa1"),
              ElementsAre("/web/aa", "/web/by-id", "/web/db", "/web/zz"));
}

}  // namespace
}  // namespace tug::gatewayd
