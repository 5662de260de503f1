// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/spec/create_spec.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "lib/base/id.h"
#include "lib/base/path.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/kernel/signal_name.h"
#include "lib/oci/config_limits.h"
#include "services/runtimed/spec/capabilities.h"
#include "services/runtimed/spec/devices.h"
#include "services/runtimed/spec/log_options.h"
#include "services/runtimed/spec/masked_paths.h"
#include "services/runtimed/spec/mounts.h"
#include "services/runtimed/spec/namespaces.h"
#include "services/runtimed/spec/process.h"
#include "services/runtimed/spec/resources.h"
#include "services/runtimed/spec/restart_policy_spec.h"
#include "services/runtimed/spec/rlimits.h"
#include "services/runtimed/spec/seccomp_profile.h"
#include "services/runtimed/spec/security_options.h"
#include "services/runtimed/spec/spec_error.h"
#include "services/runtimed/spec/sysctls.h"

namespace tug::runtimed {
namespace {

using runtime::v1::Container;
using runtime::v1::HostConfig;

constexpr int64_t kDefaultShm = 64 << 20;
// Of the whole that was asked for, as a message: half of the largest message,
// because a record repeats its command.
constexpr size_t kMaxSpecBytes = 7 << 20;
constexpr int64_t kMinProbe = 1'000'000;  // 1 ms in nanoseconds.

absl::Status CheckSize(const Container& container) {
  const runtime::v1::Config& config = container.config();
  const absl::Status parts = oci::CheckConfigSize(
      {.labels =
           oci::BytesOfMap(config.labels().values()) +
           oci::BytesOfMap(container.host_config().annotations().values()),
       .environment = oci::BytesOf(config.env().values()),
       .command = oci::BytesOf(config.entrypoint().values()) +
                  oci::BytesOf(config.cmd().values()),
       .health_test = oci::BytesOf(config.healthcheck().test().values())},
      oci::kContainerLimits);
  if (!parts.ok()) return SpecError(parts.message());
  const size_t bytes = container.ByteSizeLong();
  if (bytes <= kMaxSpecBytes) return absl::OkStatus();
  return SpecError(absl::StrCat("the container's configuration of ", bytes,
                                " bytes: at most ", kMaxSpecBytes,
                                " are allowed"));
}

void FillHostDefaults(const HostFacts& facts, HostConfig& host) {
  if (host.network_mode().empty() || host.network_mode() == "default") {
    host.set_network_mode("bridge");
  }
  if (host.ipc_mode().empty()) host.set_ipc_mode("private");
  if (host.shm_size() == 0) host.set_shm_size(kDefaultShm);
  if (host.cgroupns_mode().empty()) {
    const bool own =
        facts.cgroup_version == cgroup::Version::kV2 && !host.privileged();
    host.set_cgroupns_mode(own ? "private" : "host");
  }
  if (host.memory() > 0 && host.memory_swap() == 0) {
    host.set_memory_swap(2 * host.memory());
  }
  if (host.restart_policy().name().empty()) {
    host.mutable_restart_policy()->set_name("no");
  }
  if (host.log_config().type().empty()) {
    host.mutable_log_config()->set_type("json-file");
  }
  // The name by which clients know what runs containers (docker info).
  if (host.runtime().empty()) host.set_runtime("runc");
}

void FillPaths(HostConfig& host, bool unmasked) {
  const bool open = host.privileged() || unmasked;
  const auto fill = [&](bool given, type::v1::StringList* list,
                        const std::vector<std::string>& defaults) {
    if (given) return;
    if (open) return;
    for (const std::string& path : defaults) list->add_values(path);
  };
  if (unmasked) {
    host.mutable_masked_paths()->clear_values();
    host.mutable_readonly_paths()->clear_values();
    return;
  }
  const bool masked = host.has_masked_paths();
  const bool readonly = host.has_readonly_paths();
  fill(masked, host.mutable_masked_paths(), DefaultMaskedPaths());
  fill(readonly, host.mutable_readonly_paths(), DefaultReadonlyPaths());
  if (open && !masked) host.clear_masked_paths();
  if (open && !readonly) host.clear_readonly_paths();
}

absl::Status CheckSecurity(const HostFacts& facts, const HostConfig& host) {
  ASSIGN_OR_RETURN(const SecurityOptions options, ParseSecurityOptions(host));
  ASSIGN_OR_RETURN(const kernel::CapabilitySet capabilities,
                   ContainerCapabilities(host, facts.capabilities));
  if (options.seccomp == SecurityOptions::Seccomp::kCustom) {
    RETURN_IF_ERROR(
        ParseSeccompProfile(options.seccomp_json, capabilities).status());
  }
  if (!options.apparmor.empty() && options.apparmor != "unconfined" &&
      !facts.apparmor) {
    return SpecError(absl::StrCat("apparmor profile \"", options.apparmor,
                                  "\": AppArmor is not enabled on this host"));
  }
  return absl::OkStatus();
}

absl::Status CheckRestart(const HostConfig& host) {
  RETURN_IF_ERROR(CheckRestartPolicy(host.restart_policy()));
  const std::string& name = host.restart_policy().name();
  if (host.auto_remove() && !name.empty() && name != "no") {
    return SpecError("can't create 'AutoRemove' container with restart policy");
  }
  return absl::OkStatus();
}

absl::Status CheckHealth(const runtime::v1::HealthConfig& health) {
  const auto check = [](int64_t value, const char* field) -> absl::Status {
    if (value == 0 || value >= kMinProbe) return absl::OkStatus();
    return SpecError(
        absl::StrCat(field, " in Healthcheck cannot be less than 1ms"));
  };
  RETURN_IF_ERROR(check(health.interval(), "Interval"));
  RETURN_IF_ERROR(check(health.timeout(), "Timeout"));
  RETURN_IF_ERROR(check(health.start_period(), "StartPeriod"));
  RETURN_IF_ERROR(check(health.start_interval(), "StartInterval"));
  if (health.retries() < 0) {
    return SpecError("Retries in Healthcheck cannot be negative");
  }
  if (health.test().values_size() == 0) return absl::OkStatus();
  const std::string& kind = health.test().values(0);
  if (kind != "NONE" && kind != "CMD" && kind != "CMD-SHELL") {
    return SpecError(absl::StrCat("Unknown healthcheck type '", kind,
                                  "' (expected 'NONE', 'CMD' or 'CMD-SHELL')"));
  }
  return absl::OkStatus();
}

absl::Status CheckSignals(const runtime::v1::Config& config) {
  if (config.stop_signal().empty()) return absl::OkStatus();
  const auto signal = kernel::ParseSignal(config.stop_signal());
  return signal.ok() ? absl::OkStatus() : SpecError(signal.status().message());
}

absl::Status CheckSupported(const HostFacts& facts, Container& container) {
  const HostConfig& host = container.host_config();
  if (host.runtime() != "tug" && host.runtime() != "runc" &&
      host.runtime() != "io.containerd.runc.v2") {
    return SpecError(
        absl::StrCat("unknown or invalid runtime name: ", host.runtime()));
  }
  if (!host.isolation().empty() && host.isolation() != "default") {
    return SpecError(
        absl::StrCat("invalid isolation '", host.isolation(), "' on linux"));
  }
  if (host.storage_opt().values_size() > 0) {
    return SpecError(
        "--storage-opt is not supported: overlay over this file "
        "system has no quota");
  }
  if (!host.cgroup_parent().empty()) {
    absl::string_view parent = host.cgroup_parent();
    absl::ConsumePrefix(&parent, "/");
    const absl::Status valid = cgroup::CheckCgroupPath(parent);
    if (!valid.ok()) return SpecError(valid.message());
  }
  if (host.init() && facts.init_path.empty()) {
    return SpecError("--init: no init program is configured (init-path)");
  }
  if (host.cpu_count() != 0 || host.cpu_percent() != 0 ||
      host.io_maximum_iops() != 0 || host.io_maximum_bandwidth() != 0) {
    container.add_warnings(
        "CPU count, CPU percent and I/O maximum are for Windows. They were "
        "discarded.");
  }
  if (container.config().domainname().size() > 64) {
    return SpecError("invalid domain name: longer than 64 bytes");
  }
  return absl::OkStatus();
}

void FillCommand(const std::vector<std::string>& line, Container& container) {
  container.set_path(line.front());
  container.clear_args();
  for (size_t i = 1; i < line.size(); ++i) container.add_args(line[i]);
}

// They become lines of /etc/hosts and /etc/hostname.
absl::Status CheckHostName(absl::string_view field, absl::string_view name) {
  for (const char c : name) {
    if (absl::ascii_iscntrl(c) || absl::ascii_isspace(c)) {
      return SpecError(absl::StrCat("invalid ", field, " ",
                                    absl::CHexEscape(name),
                                    ": it holds white space or a control "
                                    "character"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CompleteContainer(const HostFacts& facts, Container& container) {
  HostConfig& host = *container.mutable_host_config();
  runtime::v1::Config& config = *container.mutable_config();
  RETURN_IF_ERROR(CheckSize(container));
  RETURN_IF_ERROR(CheckNamespaces(config, host, facts.cgroup_version));
  FillHostDefaults(facts, host);
  RETURN_IF_ERROR(CheckSecurity(facts, host));
  ASSIGN_OR_RETURN(const SecurityOptions options, ParseSecurityOptions(host));
  FillPaths(host, options.unmasked);
  ASSIGN_OR_RETURN(const std::vector<std::string> line, CommandLine(config));
  RETURN_IF_ERROR(CheckProcess(config));
  if (!config.working_dir().empty()) {
    config.set_working_dir(CleanPath(config.working_dir()));
  }
  RETURN_IF_ERROR(CheckHostName("hostname", config.hostname()));
  RETURN_IF_ERROR(CheckHostName("domainname", config.domainname()));
  FillCommand(line, container);
  std::vector<std::string> warnings;
  RETURN_IF_ERROR(CheckResources(host, facts.support, warnings));
  RETURN_IF_ERROR(ContainerRlimits(host).status());
  RETURN_IF_ERROR(ContainerSysctls(host).status());
  RETURN_IF_ERROR(CheckDevices(host));
  if (host.shm_size() < 0) {
    return SpecError("SHM size can not be less than 0");
  }
  RETURN_IF_ERROR(CheckMounts(container));
  RETURN_IF_ERROR(ParseLogOptions(host.log_config()).status());
  RETURN_IF_ERROR(CheckRestart(host));
  RETURN_IF_ERROR(CheckHealth(config.healthcheck()));
  RETURN_IF_ERROR(CheckSignals(config));
  RETURN_IF_ERROR(CheckSupported(facts, container));
  if (config.hostname().empty()) {
    if (host.network_mode() == "host" || host.uts_mode() == "host") {
      config.set_hostname(facts.host_name);
    } else if (!absl::StartsWith(host.network_mode(), "container:")) {
      config.set_hostname(std::string(ShortId(container.id())));
    }
  }
  for (std::string& warning : warnings) {
    container.add_warnings(std::move(warning));
  }
  return absl::OkStatus();
}

}  // namespace tug::runtimed
