// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/mount.h>

#include <cstring>
#include <optional>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "services/runtimed/spec/capabilities.h"
#include "services/runtimed/spec/create_spec.h"
#include "services/runtimed/spec/log_options.h"
#include "services/runtimed/spec/mounts.h"
#include "services/runtimed/spec/process.h"
#include "services/runtimed/spec/resources.h"
#include "services/runtimed/spec/security_options.h"
#include "services/runtimed/spec/sysctls.h"
#include "services/runtimed/spec/tmpfs_options.h"

namespace tug::runtimed {
namespace {

using runtime::v1::Config;
using runtime::v1::Container;
using runtime::v1::HostConfig;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr kernel::CapabilitySet kEverything = (uint64_t{1} << 41) - 1;

HostFacts Facts() {
  HostFacts facts;
  facts.capabilities = kEverything;
  facts.host_name = "machine";
  facts.support.memory = facts.support.swap = facts.support.pids = true;
  facts.support.cpu = facts.support.cpuset = true;
  return facts;
}

Container Minimal() {
  Container container;
  container.set_id(std::string(64, 'a'));
  container.mutable_config()->mutable_cmd()->add_values("sh");
  return container;
}

TEST(Capabilities, AddAndDrop) {
  struct Row {
    std::vector<const char*> add;
    std::vector<const char*> drop;
    kernel::CapabilitySet expected;
  };
  const kernel::CapabilitySet chown = 1;
  const kernel::CapabilitySet net_admin = uint64_t{1} << 12;
  for (const Row& row : {
           Row{{}, {}, DefaultCapabilities()},
           Row{{"net_admin"}, {}, DefaultCapabilities() | net_admin},
           Row{{}, {"CAP_CHOWN"}, DefaultCapabilities() & ~chown},
           Row{{"CHOWN"}, {"ALL"}, chown},
           Row{{"ALL"}, {"chown"}, kEverything & ~chown},
           Row{{"CHOWN"}, {"CHOWN"}, DefaultCapabilities()},
       }) {
    HostConfig host;
    for (const char* name : row.add) host.mutable_cap_add()->add_values(name);
    for (const char* name : row.drop) host.mutable_cap_drop()->add_values(name);
    const auto set = ContainerCapabilities(host, kEverything);
    ASSERT_TRUE(set.ok()) << set.status();
    EXPECT_EQ(*set, row.expected);
  }
  EXPECT_EQ(__builtin_popcountll(DefaultCapabilities()), 14);
}

TEST(Environment, FollowsDockersRules) {
  Config config;
  for (const char* entry : {"A=1", "PATH=/x", "B=", "HOSTNAME", "A=2"}) {
    config.mutable_env()->add_values(entry);
  }
  EXPECT_THAT(Environment(config, "box", false),
              ElementsAre("PATH=/x", "A=2", "B="));
  config.Clear();
  // An exec without a terminal has none of its container's TERM.
  config.set_tty(true);
  EXPECT_THAT(Environment(config, "box", false),
              ElementsAre(HasSubstr("PATH=/usr/local/sbin:"), "HOSTNAME=box"));
  EXPECT_THAT(Environment(config, "box", true),
              ElementsAre(HasSubstr("PATH=/usr/local/sbin:"), "HOSTNAME=box",
                          "TERM=xterm"));
}

TEST(Sysctls, OnlyNamespacedOnes) {
  struct Row {
    const char* key;
    const char* network;
    bool allowed;
  };
  for (const Row& row : {
           Row{"net.ipv4.ip_forward", "bridge", true},
           Row{"net/ipv4/ip_forward", "bridge", true},
           Row{"net.ipv4.ip_forward", "host", false},
           Row{"kernel.msgmax", "bridge", true},
           Row{"fs.mqueue.msg_max", "bridge", true},
           Row{"kernel.core_pattern", "bridge", false},
           Row{"net.../core_pattern", "bridge", false},
           Row{"net.ipv4\n.x", "bridge", false},
           Row{"kernel.hostname", "bridge", false},
           Row{"vm.swappiness", "bridge", false},
           Row{"", "bridge", false},
       }) {
    HostConfig host;
    host.set_network_mode(row.network);
    (*host.mutable_sysctls()->mutable_values())[row.key] = "1";
    EXPECT_EQ(ContainerSysctls(host).ok(), row.allowed) << row.key;
  }
}

// Issue 7, A15: by the namespace, not by the mode that led to it.
TEST(Sysctls, ThoseOfTheEnginesNamespacesAreRefused) {
  EngineNamespaces of_engine;
  for (const char* key : {"net.ipv4.ip_forward", "kernel.msgmax",
                          "fs/mqueue/msg_max", "kernel.domainname"}) {
    EXPECT_TRUE(CheckSysctlNamespace(key, of_engine).ok()) << key;
  }
  of_engine.network = true;
  EXPECT_EQ(CheckSysctlNamespace("net/ipv4/ip_forward", of_engine).message(),
            "sysctl \"net/ipv4/ip_forward\" not allowed in host network "
            "namespace");
  EXPECT_TRUE(CheckSysctlNamespace("kernel.msgmax", of_engine).ok());
  of_engine.ipc = true;
  EXPECT_FALSE(CheckSysctlNamespace("kernel.msgmax", of_engine).ok());
  EXPECT_FALSE(CheckSysctlNamespace("fs/mqueue/msg_max", of_engine).ok());
  EXPECT_TRUE(CheckSysctlNamespace("kernel.domainname", of_engine).ok());
  of_engine.uts = true;
  EXPECT_FALSE(CheckSysctlNamespace("kernel.domainname", of_engine).ok());
}

TEST(SecurityOptions, ParseOrRefuse) {
  HostConfig host;
  for (const char* option :
       {"no-new-privileges", "seccomp=unconfined", "apparmor:unconfined",
        "systempaths=unconfined", "label=disable"}) {
    host.mutable_security_opt()->add_values(option);
  }
  const auto options = ParseSecurityOptions(host);
  ASSERT_TRUE(options.ok()) << options.status();
  EXPECT_TRUE(options->no_new_privileges);
  EXPECT_TRUE(options->unmasked);
  EXPECT_EQ(options->seccomp, SecurityOptions::Seccomp::kUnconfined);
  for (const char* bad :
       {"nonsense", "a=b", "no-new-privileges=maybe", "label=type:x"}) {
    HostConfig wrong;
    wrong.mutable_security_opt()->add_values(bad);
    EXPECT_FALSE(ParseSecurityOptions(wrong).ok()) << bad;
  }
}

// Issue 7, B29: the forms and texts of Docker 29.
TEST(SecurityOptions, WritableCgroups) {
  struct Row {
    const char* option;
    std::optional<bool> value;
    const char* error;
  };
  for (const Row& row : {
           Row{"writable-cgroups", true, nullptr},
           Row{"writable-cgroups=true", true, nullptr},
           Row{"writable-cgroups=T", true, nullptr},
           Row{"writable-cgroups:1", true, nullptr},
           Row{"writable-cgroups=False", false, nullptr},
           Row{"writable-cgroups:0", false, nullptr},
           Row{"no-new-privileges=1", std::nullopt, nullptr},
           Row{"disable", std::nullopt, nullptr},
           Row{"writable-cgroups=yes", {}, "2: \"writable-cgroups=yes\""},
           Row{"writable-cgroups=", {}, "2: \"writable-cgroups=\""},
           Row{"no-new-privileges:x", {}, "2: \"no-new-privileges:x\""},
           Row{"systempaths", {}, "1: \"systempaths\""},
       }) {
    HostConfig host;
    host.mutable_security_opt()->add_values(row.option);
    const auto options = ParseSecurityOptions(host);
    if (row.error != nullptr) {
      EXPECT_EQ(std::string(options.status().message()),
                absl::StrCat("invalid --security-opt ", row.error));
      continue;
    }
    ASSERT_TRUE(options.ok()) << row.option << options.status();
    EXPECT_EQ(options->writable_cgroups, row.value) << row.option;
  }
}

TEST(TmpfsOptions, FlagsAndValues) {
  const auto parsed = ParseTmpfsOptions("size=64m,exec,ro,mode=1777");
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->options, "size=64m,mode=1777");
  EXPECT_EQ(parsed->attributes,
            uint64_t{MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_RDONLY});
  EXPECT_FALSE(ParseTmpfsOptions("lowerdir=/etc").ok());
  // Issue 7, B29: the words of Docker 29.
  EXPECT_EQ(ParseTmpfsOptions("shared,sync,slave")->propagation, "slave");
  EXPECT_EQ(ParseTmpfsOptions("shared,sync")->options, "sync");
  for (const char* bad : {"foo", "size", "ro=1", "bind", "remount"}) {
    EXPECT_EQ(std::string(ParseTmpfsOptions(bad).status().message()),
              absl::StrCat("invalid tmpfs option \"",
                           absl::string_view(bad).substr(0, strcspn(bad, "=")),
                           "\""));
  }
  EXPECT_FALSE(ParseTmpfsOptions("size").ok());
}

TEST(Mounts, UsersReplaceDefaultsAndSortByDepth) {
  Container container = Minimal();
  const auto add = [&](const char* target) {
    auto* mount = container.add_mounts();
    mount->set_type("bind");
    mount->set_source("/src");
    mount->set_destination(target);
  };
  add("/a/b/c");
  add("/a");
  add("/dev/shm/");
  const NamespaceChoices namespaces;
  const auto mounts =
      MountsOf({container, namespaces, "/h/hostname", "", "", {}});
  ASSERT_TRUE(mounts.ok()) << mounts.status();
  std::vector<std::string> targets;
  for (const MountSpec& mount : mounts->mounts) targets.push_back(mount.target);
  EXPECT_THAT(
      targets,
      ElementsAre("/proc", "/dev", "/dev/pts", "/sys", "/sys/fs/cgroup",
                  "/dev/mqueue", "/etc/hostname", "/a", "/dev/shm", "/a/b/c"));
  EXPECT_TRUE(mounts->own_dev);
}

TEST(Mounts, OnesOwnDevSuppressesWhatIsBelow) {
  Container container = Minimal();
  auto* mount = container.add_mounts();
  mount->set_type("bind");
  mount->set_source("/dev");
  mount->set_destination("/dev");
  mount->set_propagation("rslave");
  const NamespaceChoices namespaces;
  const auto mounts = MountsOf({container, namespaces, "", "", "", {}});
  ASSERT_TRUE(mounts.ok());
  EXPECT_FALSE(mounts->own_dev);
  EXPECT_EQ(mounts->root_propagation, PlanPropagation::kRecursiveSlave);
  for (const MountSpec& m : mounts->mounts) {
    EXPECT_NE(m.target.substr(0, 5), "/dev/");
  }
}

TEST(LogOptions, ParseOrRefuse) {
  runtime::v1::LogConfig config;
  (*config.mutable_config()->mutable_values())["max-size"] = "10m";
  (*config.mutable_config()->mutable_values())["max-file"] = "3";
  const auto options = ParseLogOptions(config);
  ASSERT_TRUE(options.ok()) << options.status();
  EXPECT_EQ(options->max_size, uint64_t{10} << 20);
  EXPECT_EQ(options->max_files, 3);
  // Issue 7, B19: nothing rotates then, which Docker accepts.
  config.mutable_config()->mutable_values()->erase("max-size");
  ASSERT_TRUE(ParseLogOptions(config).ok());
  EXPECT_EQ(ParseLogOptions(config)->max_size, 0u);
  config.set_type("syslog");
  EXPECT_FALSE(ParseLogOptions(config).ok());
  for (const char* bad : {"", "x", "-5", "1q", "m"}) {
    EXPECT_FALSE(ParseSize(bad).ok()) << bad;
  }
}

TEST(Resources, ChecksAndConverts) {
  HostConfig host;
  std::vector<std::string> warnings;
  const cgroup::Support support = Facts().support;
  host.set_memory(4 << 20);
  EXPECT_FALSE(CheckResources(host, support, warnings).ok());
  host.set_memory(64 << 20);
  host.set_nano_cpus(500'000'000);
  host.set_blkio_weight(100);
  ASSERT_TRUE(CheckResources(host, support, warnings).ok());
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_THAT(warnings[0], HasSubstr("Block I/O weight"));
  const auto resources = ResourcesOf(host, support);
  ASSERT_TRUE(resources.ok());
  EXPECT_EQ(resources->memory_swap, 128 << 20);
  EXPECT_EQ(resources->cpu_quota, 50'000);
  EXPECT_EQ(resources->io_weight, 0u);
}

TEST(CompleteContainer, FillsInWhatClientsReadBack) {
  Container container = Minimal();
  ASSERT_TRUE(CompleteContainer(Facts(), container).ok());
  EXPECT_EQ(container.path(), "sh");
  EXPECT_EQ(container.config().hostname(), "aaaaaaaaaaaa");
  EXPECT_EQ(container.host_config().network_mode(), "bridge");
  EXPECT_EQ(container.host_config().shm_size(), 64 << 20);
  EXPECT_GE(container.host_config().masked_paths().values_size(), 12);
}

TEST(CompleteContainer, RefusesWhatCannotBeDone) {
  struct Row {
    const char* fragment;
    void (*change)(Container&);
  };
  const Row rows[] = {
      {"no command", [](Container& c) { c.mutable_config()->clear_cmd(); }},
      {"absolute path",
       [](Container& c) { c.mutable_config()->set_working_dir("x"); }},
      {"restart policy",
       [](Container& c) {
         c.mutable_host_config()->mutable_restart_policy()->set_name("often");
       }},
      // Issue 7, B14: whatever IPC namespace it is.
      {"SHM size can not be less than 0",
       [](Container& c) {
         c.mutable_host_config()->set_shm_size(-1);
         c.mutable_host_config()->set_ipc_mode("host");
       }},
      {"AutoRemove",
       [](Container& c) {
         c.mutable_host_config()->set_auto_remove(true);
         c.mutable_host_config()->mutable_restart_policy()->set_name("always");
       }},
      {"invalid signal",
       [](Container& c) { c.mutable_config()->set_stop_signal("SIGNOPE"); }},
      {"does not exist",
       [](Container& c) {
         auto* mount = c.add_mounts();
         mount->set_type("bind");
         mount->set_source("/no/such/source");
         mount->set_destination("/x");
       }},
      {"runtime name",
       [](Container& c) { c.mutable_host_config()->set_runtime("kata"); }},
      {"device driver",
       [](Container& c) {
         c.mutable_host_config()->mutable_device_requests()->add_values();
       }},
      {"AppArmor",
       [](Container& c) {
         c.mutable_host_config()->mutable_security_opt()->add_values(
             "apparmor=mine");
       }},
      {"storage-opt",
       [](Container& c) {
         (*c.mutable_host_config()
               ->mutable_storage_opt()
               ->mutable_values())["size"] = "1g";
       }},
  };
  for (const Row& row : rows) {
    Container container = Minimal();
    row.change(container);
    const absl::Status status = CompleteContainer(Facts(), container);
    EXPECT_EQ(StatusReason(status), "CONTAINER_SPEC_INVALID") << row.fragment;
    EXPECT_THAT(std::string(status.message()), HasSubstr(row.fragment));
  }
}

// Issue 7, B27.
TEST(CompleteContainer, KeepsTheNormalFormOfTheWorkingDirectory) {
  Container container = Minimal();
  container.mutable_config()->set_working_dir("/tmp//a/../");
  ASSERT_TRUE(CompleteContainer(Facts(), container).ok());
  EXPECT_EQ(container.config().working_dir(), "/tmp");
}

}  // namespace
}  // namespace tug::runtimed
