// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>

#include <csignal>
#include <fstream>
#include <sstream>

#include "gtest/gtest.h"
#include "lib/testing/status_matchers.h"
#include "lib/testing/temp_dir.h"
#include "services/netd/hosts/container_files.h"
#include "services/netd/hosts/hosts_file.h"
#include "services/netd/hosts/resolv_conf.h"

namespace tug::netd {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(HostsFileTest, HasTheFixedLinesFirst) {
  EXPECT_EQ(RenderHosts(false, {{"10.0.0.2", "web.dom web"}}),
            "127.0.0.1\tlocalhost\n10.0.0.2\tweb.dom web\n");
  EXPECT_THAT(RenderHosts(true, {}), HasSubstr("ff02::2\tip6-allrouters\n"));
}

ResolvConf Host(const char* text) {
  ResolvConf conf = ParseResolvConf(text);
  conf.path = "/etc/resolv.conf";
  return conf;
}

TEST(ResolvConfTest, LegacyDropsWhatAContainerCannotReach) {
  const std::string text = RenderResolvConf(
      Host("nameserver 127.0.0.1\nnameserver 10.1.1.1\nnameserver fd00::1\n"
           "search a b\nsearch c\noptions x\noptions y # no\nsortlist z\n"),
      {}, ResolvStyle::kLegacy, false);
  EXPECT_THAT(text, HasSubstr("\nnameserver 10.1.1.1\n"));
  EXPECT_THAT(text, Not(HasSubstr("127.0.0.1")));
  EXPECT_THAT(text, Not(HasSubstr("fd00::1")));
  EXPECT_THAT(text, HasSubstr("\nsearch c\n"));
  EXPECT_THAT(text, HasSubstr("\nsortlist z\n"));
  EXPECT_THAT(text, HasSubstr("(legacy)\n# Overrides: []\n"));
}

TEST(ResolvConfTest, LegacyFallsBackToPublicServers) {
  EXPECT_THAT(RenderResolvConf(Host("nameserver 127.0.0.1\n"), {},
                               ResolvStyle::kLegacy, false),
              HasSubstr("nameserver 8.8.8.8\nnameserver 8.8.4.4\n"));
}

TEST(ResolvConfTest, InternalNamesTheEmbeddedResolver) {
  const ResolvConf host = Host("nameserver 10.1.1.1\noptions ndots:2\n");
  const std::string text =
      RenderResolvConf(host, {}, ResolvStyle::kInternal, false);
  EXPECT_THAT(text, HasSubstr("nameserver 127.0.0.11\noptions ndots:2\n"));
  EXPECT_THAT(text, HasSubstr("# ExtServers: [host(10.1.1.1)]\n"));
  ResolvOverrides overrides;
  overrides.servers = {"1.1.1.1", "nonsense"};
  overrides.options = std::vector<std::string>{};
  EXPECT_THAT(
      RenderResolvConf(host, overrides, ResolvStyle::kInternal, false),
      HasSubstr("options ndots:0\n\n# Based on host file: '/etc/resolv.conf' "
                "(internal resolver)\n# ExtServers: [1.1.1.1]\n"
                "# Invalid nameservers: [nonsense]\n"
                "# Overrides: [nameservers options]\n"));
  EXPECT_EQ(Upstreams(host, overrides).size(), 1u);
}

std::string Slurp(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

constexpr auto kKeep = ContainerFiles::Edits::kKeep;
constexpr auto kDiscard = ContainerFiles::Edits::kDiscard;

TEST(ContainerFilesTest, KeepsAnEditedResolvConfUntilTheNextStart) {
  const TempDir directory;
  const auto files = ContainerFiles::Open(directory.path() + "/sandboxes");
  ASSERT_THAT(files, IsOk());
  const std::string lease(64, 'a');
  ASSERT_THAT((*files)->MakeFolder(lease), IsOk());
  ASSERT_THAT((*files)->WriteResolvConf(lease, "one, and long\n", kDiscard),
              IsOk());
  ASSERT_THAT((*files)->WriteResolvConf(lease, "two\n", kKeep), IsOk());
  const std::string path = (*files)->ResolvConfPath(lease);
  EXPECT_EQ(Slurp(path), "two\n");
  std::ofstream(path) << "mine\n";
  ASSERT_THAT((*files)->WriteResolvConf(lease, "three\n", kKeep), IsOk());
  EXPECT_EQ(Slurp(path), "mine\n");
  ASSERT_THAT((*files)->WriteResolvConf(lease, "four\n", kDiscard), IsOk());
  EXPECT_EQ(Slurp(path), "four\n");
  ASSERT_THAT((*files)->RemoveFolder(lease), IsOk());
  ASSERT_THAT((*files)->RemoveFolder(lease), IsOk());
}

// issue 7, B10.
TEST(ContainerFilesTest, KeepsTheUsersLinesOfHosts) {
  const TempDir directory;
  const auto files = ContainerFiles::Open(directory.path() + "/sandboxes");
  ASSERT_THAT(files, IsOk());
  const std::string lease(64, 'a');
  ASSERT_THAT((*files)->MakeFolder(lease), IsOk());
  ASSERT_THAT((*files)->WriteHosts(lease, "1.1.1.1\ta\n", kDiscard), IsOk());
  const std::string path = (*files)->HostsPath(lease);
  std::ofstream(path) << "# top\n1.1.1.1\ta\n9.9.9.9 mine\n";
  ASSERT_THAT((*files)->WriteHosts(lease, "1.1.1.1\ta\n2.2.2.2\ta\n", kKeep),
              IsOk());
  EXPECT_EQ(Slurp(path), "# top\n1.1.1.1\ta\n9.9.9.9 mine\n2.2.2.2\ta\n");
  ASSERT_THAT((*files)->WriteHosts(lease, "2.2.2.2\ta\n", kKeep), IsOk());
  EXPECT_EQ(Slurp(path), "# top\n9.9.9.9 mine\n2.2.2.2\ta\n");
  ASSERT_THAT((*files)->WriteHosts(lease, "3.3.3.3\ta\n", kDiscard), IsOk());
  EXPECT_EQ(Slurp(path), "3.3.3.3\ta\n");
}

TEST(MergeHostsTest, WhatTheUserTookOutStaysOut) {
  EXPECT_EQ(MergeHosts("b\nc", "a\nb\n", "a\nb\nd\n"), "b\nc\nd\n");
  EXPECT_EQ(MergeHosts("", "a\n", "b\n"), "b\n");
}

// issue 7: a container that held a lease on its file kept netd, and the starts
// of its neighbours, waiting for 45 s.
TEST(ContainerFilesTest, AFileThatItsContainerHoldsIsLeftAlone) {
  TempDir directory;
  const auto files = ContainerFiles::Open(directory.path());
  ASSERT_THAT(files, IsOk());
  const std::string lease(64, 'a');
  ASSERT_THAT((*files)->MakeFolder(lease), IsOk());
  const auto keep = ContainerFiles::Edits::kKeep;
  ASSERT_THAT((*files)->WriteHosts(lease, "before\n", keep), IsOk());
  ASSERT_THAT((*files)->WriteResolvConf(lease, "before\n", keep), IsOk());
  signal(SIGIO, SIG_IGN);  // The kernel asks the holder to give way.
  for (const std::string& path :
       {(*files)->HostsPath(lease), (*files)->ResolvConfPath(lease)}) {
    const UniqueFd held(open(path.c_str(), O_RDWR | O_CLOEXEC));
    ASSERT_EQ(fcntl(held.get(), F_SETLEASE, F_WRLCK), 0) << path;
    EXPECT_THAT((*files)->WriteHosts(lease, "after\n", keep), IsOk());
    EXPECT_THAT((*files)->WriteResolvConf(lease, "after\n", keep), IsOk());
    char text[16] = {};
    EXPECT_EQ(pread(held.get(), text, sizeof(text) - 1, 0), 7);
    EXPECT_STREQ(text, "before\n");
    fcntl(held.get(), F_SETLEASE, F_UNLCK);
    ASSERT_THAT((*files)->WriteHosts(lease, "before\n", keep), IsOk());
    ASSERT_THAT((*files)->WriteResolvConf(lease, "before\n", keep), IsOk());
  }
}

}  // namespace
}  // namespace tug::netd
