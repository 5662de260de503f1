// SPDX-License-Identifier: Apache-2.0
#include "services/registryd/client/registry_policy.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "gtest/gtest.h"

namespace tug::registryd {
namespace {

RegistryPolicy Policy(RegistryPolicy::Options options) {
  return *RegistryPolicy::Create(std::move(options));
}

TEST(RegistryPolicyTest, PlainHttpIsForLoopbackAndListedHosts) {
  const RegistryPolicy policy =
      Policy({.insecure_registries = {"reg.lan:5000", "10.1.0.0/16"}});
  for (const char* host : {"localhost:5000", "127.0.0.1", "reg.lan:5000",
                           "10.1.2.3:80", "[::1]:5000"}) {
    EXPECT_TRUE(policy.AllowsPlainHttp(*ParseHost(host))) << host;
  }
  for (const char* host : {"docker.io", "reg.lan", "10.2.0.1"}) {
    EXPECT_FALSE(policy.AllowsPlainHttp(*ParseHost(host))) << host;
  }
}

TEST(RegistryPolicyTest, MirrorsComeFirst) {
  const RegistryPolicy policy =
      Policy({.mirrors = {"docker.io=http://m.lan:5000/hub/"}});
  const auto endpoints = policy.EndpointsFor(*ParseHost("docker.io"));
  ASSERT_EQ(endpoints.size(), 2u);
  EXPECT_EQ(endpoints[0].address, "m.lan:5000");
  EXPECT_EQ(endpoints[0].path, "/hub");
  EXPECT_TRUE(endpoints[0].mirror);
  EXPECT_EQ(endpoints[1].address, "registry-1.docker.io");
}

TEST(RegistryPolicyTest, BadEntriesAreRefused) {
  EXPECT_FALSE(
      RegistryPolicy::Create({.insecure_registries = {"10.0.0.0/99"}}).ok());
  EXPECT_FALSE(RegistryPolicy::Create({.insecure_registries = {"a b"}}).ok());
  EXPECT_FALSE(RegistryPolicy::Create({.mirrors = {"docker.io"}}).ok());
  EXPECT_FALSE(RegistryPolicy::Create({.mirrors = {"a=ftp://x"}}).ok());
}

TEST(RegistryPolicyTest, OwnAuthorityTurnsVerificationOnForLoopback) {
  char pattern[] = "/tmp/registry_policy_test.XXXXXX";
  const std::filesystem::path folder = mkdtemp(pattern);
  const RegistryPolicy policy = Policy({.ca_directories = {folder}});
  const Host host = *ParseHost("localhost:5000");
  EXPECT_FALSE(policy.TrustFor(host)->verify);
  std::filesystem::create_directory(folder / "localhost:5000");
  std::ofstream(folder / "localhost:5000/ca.crt") << "-----BEGIN X-----\n";
  EXPECT_TRUE(policy.TrustFor(host)->verify);
  EXPECT_NE(policy.TrustFor(host)->ca_bundle, "");
  std::ofstream(folder / "localhost:5000/bad.crt") << "nonsense";
  EXPECT_FALSE(policy.TrustFor(host).ok());
  std::filesystem::remove_all(folder);
}

TEST(RegistryPolicyTest, OtherHostsAreVerified) {
  EXPECT_TRUE(Policy({}).TrustFor(*ParseHost("docker.io"))->verify);
}

}  // namespace
}  // namespace tug::registryd
