// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/init/user_lookup.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace tug::runtimed {
namespace {

constexpr char kPasswd[] =
    "root:x:0:0:root:/root:/bin/sh\n"
    "# a comment\n"
    "\n"
    "broken:x:notanumber:0::/:\n"
    "short:x:5\n"
    "user:x:1000:1001::/home/user:/bin/sh\n"
    "1000:x:0:0::/evil:/bin/sh\n"
    "twin:x:1000:1002::/other:\n"
    "big:x:4294967296:0::/:\n"
    "last:x:2000:2000::/last:";  // no newline
constexpr char kGroup[] =
    "root:x:0:root\n"
    "wheel:x:10:root,user\n"
    "users:x:100:userx,xuser\n"
    "both:x:11:other,user\n"
    "77:x:78:\n"
    "users2:x:1001:user";

struct LookUpCase {
  const char* name;
  const char* spec;
  long error;
  // "uid:gid:group,group:home"
  const char* ids;
};

std::string Describe(const UserIds& ids) {
  std::string text = std::to_string(ids.uid) + ":" + std::to_string(ids.gid);
  for (size_t i = 0; i < ids.group_count; ++i) {
    text += (i == 0 ? ":" : ",") + std::to_string(ids.groups[i]);
  }
  return text + ":" + ids.home;
}

class LookUpUserTest : public testing::TestWithParam<LookUpCase> {};

TEST_P(LookUpUserTest, FollowsDocker) {
  const LookUpCase& c = GetParam();
  UserIds ids;
  bool missing_group = false;
  EXPECT_EQ(LookUpUser(c.spec, {kPasswd, strlen(kPasswd)},
                       {kGroup, strlen(kGroup)}, &ids, &missing_group),
            c.error);
  if (c.error == 0) {
    EXPECT_EQ(Describe(ids), c.ids);
  }
}

constexpr LookUpCase kCases[] = {
    {"Nobody", "", 0, "0:0:0,10:/root"},
    {"Name", "user", 0, "1000:1001:1001,10,11:/home/user"},
    {"Id", "1000", 0, "1000:1001:1001,10,11:/home/user"},
    {"IdWithoutEntry", "5", 0, "5:0:0:/"},
    {"LastLine", "last", 0, "2000:2000:2000:/last"},
    {"GroupName", "user:wheel", 0, "1000:10:10:/home/user"},
    {"GroupId", "user:5", 0, "1000:5:5:/home/user"},
    {"GroupIdIsNoName", "user:77", 0, "1000:77:77:/home/user"},
    {"EmptyGroup", "user:", 0, "1000:1001:1001,10,11:/home/user"},
    {"EmptyUser", ":wheel", 0, "0:10:10:/root"},
    {"UnknownName", "nobody", -ENOENT, ""},
    {"UnknownGroup", "user:nogroup", -ENOENT, ""},
    {"BrokenEntry", "broken", -ENOENT, ""},
    {"EntryBeyondRange", "big", -ENOENT, ""},
    {"TooBig", "4294967296", -EINVAL, ""},
    {"TooBigForSigned", "2147483648", -EINVAL, ""},
    {"AlsoTooBig", "2147483647", -EINVAL, ""},
    {"Largest", "2147483646", 0, "2147483646:0:0:/"},
    {"Huge", "99999999999999999999", -EINVAL, ""},
    {"Negative", "-1", -EINVAL, ""},
    {"Signed", "+1", -EINVAL, ""},
    {"NegativeGroup", "0:-1", -EINVAL, ""},
    {"Hexadecimal", "0x0", -ENOENT, ""},
    {"Blank", " 0", -ENOENT, ""},
    {"TrailingBlank", "0 ", -ENOENT, ""},
};
INSTANTIATE_TEST_SUITE_P(All, LookUpUserTest, testing::ValuesIn(kCases),
                         [](const auto& info) {
                           return std::string(info.param.name);
                         });

TEST(AddGroupTest, AddsOnceByNameOrNumber) {
  UserIds ids;
  const TextRange group = {kGroup, strlen(kGroup)};
  EXPECT_EQ(AddGroup("wheel", group, &ids), 0);
  EXPECT_EQ(AddGroup("10", group, &ids), 0);
  EXPECT_EQ(AddGroup("99", group, &ids), 0);
  EXPECT_EQ(AddGroup("none", group, &ids), -ENOENT);
  EXPECT_EQ(Describe(ids), "0:0:10,99:/");
}

TEST(AddGroupTest, GroupsAreBounded) {
  UserIds ids;
  for (size_t i = 0; i < kMaxGroups; ++i) {
    ASSERT_EQ(AddGroup(std::to_string(i).c_str(), {"", 0}, &ids), 0);
  }
  EXPECT_EQ(AddGroup("1000000", {"", 0}, &ids), -E2BIG);
}

TEST(UserLookupTest, HomesComeFromAnotherFileByUid) {
  const char text[] = "other:x:7:7::/other:/bin/sh\nme:x:42:1::/home/me:/b\n";
  UserIds ids;
  ids.uid = 42;
  LookUpHome({text, sizeof(text) - 1}, &ids);
  EXPECT_STREQ(ids.home, "/home/me");
  ids.uid = 43;
  LookUpHome({text, sizeof(text) - 1}, &ids);
  EXPECT_STREQ(ids.home, "/home/me");
}

}  // namespace
}  // namespace tug::runtimed
