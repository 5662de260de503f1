// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/lifecycle/launch.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/runtimed/containers/timestamps.h"
#include "services/runtimed/events/container_events.h"
#include "services/runtimed/health/health_probe.h"
#include "services/runtimed/lifecycle/cgroup_of.h"
#include "services/runtimed/lifecycle/namespace_joins.h"
#include "services/runtimed/lifecycle/shim_events.h"
#include "services/runtimed/runtime/container_process.h"
#include "services/runtimed/spec/devices.h"
#include "services/runtimed/spec/launch_spec.h"
#include "services/runtimed/spec/mounts.h"
#include "services/runtimed/spec/namespaces.h"
#include "services/runtimed/spec/resources.h"
#include "services/runtimed/spec/sysctls.h"

namespace tug::runtimed {
namespace {

using runtime::v1::Container;
using Kind = NamespaceChoice::Kind;

// The set-up may wait for slow disks and remote mounts.
// Shorter than the gateway waits (two minutes): what it has given up must not
// begin to run.
constexpr absl::Duration kStartTimeout = absl::Seconds(90);
// For the end of a shim that was killed; its cgroup can be removed then.
constexpr absl::Duration kUndoWait = absl::Seconds(1);

absl::Status PrepareRunDirectory(Runtime& rt, const std::string& id) {
  const std::string directory = rt.RunDirectory(id);
  if (mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
    return ErrnoStatus(errno, absl::StrCat("make ", directory));
  }
  unlink(rt.ExitRecordPath(id).c_str());
  unlink(rt.ShimSocketPath(id).c_str());
  return absl::OkStatus();
}

absl::Status MakeCgroup(Runtime& rt, const Container& container,
                        const std::string& path) {
  const runtime::v1::HostConfig& host = container.host_config();
  ASSIGN_OR_RETURN(cgroup::Resources resources,
                   ResourcesOf(host, rt.facts.support));
  ASSIGN_OR_RETURN(ContainerDevices devices, DevicesOf(host));
  resources.devices = std::move(devices.rules);
  // One of an earlier start may wait for its removal, and its counters would
  // be taken for this start's.
  rt.sweeper.Forget(path);
  RETURN_IF_ERROR(rt.cgroups.Remove(path));
  return rt.cgroups.Create(path, resources).status();
}

// Host name of the container whose network is joined.
std::string SharedHostname(Runtime& rt, const NamespaceChoices& choices,
                           const ContainerRecord& record) {
  if (!record.start().hostname().empty()) return record.start().hostname();
  if (choices.network.kind != Kind::kContainer) return std::string();
  const auto other = rt.catalog.Resolve(choices.network.container);
  return other.ok() ? (*other)->container().config().hostname() : std::string();
}

absl::StatusOr<UniqueFd> MakePlan(Runtime& rt, const ContainerRecord& record,
                                  const NamespaceChoices& choices,
                                  const NamespaceJoins& joins,
                                  const std::string& cgroup_path) {
  const std::string& id = record.container().id();
  const cgroup::Location location = rt.cgroups.Locate(cgroup_path);
  const LaunchInput input = {record,
                             rt.facts,
                             rt.seccomp,
                             choices,
                             joins.flags,
                             location,
                             rt.ShimSocketPath(id),
                             rt.ExitRecordPath(id),
                             SharedHostname(rt, choices, record)};
  ASSIGN_OR_RETURN(const LaunchSpec spec, ContainerLaunchSpec(input));
  UniqueFd plan;
  const long error = WritePlan(spec, &plan);
  if (error < 0) {
    return ErrnoStatus(static_cast<int>(error), "write the launch plan");
  }
  return plan;
}

// Settings of the host are not a container's to change, however it came to
// share the namespace they are of.
absl::Status CheckSysctlsOf(const ContainerRecord& record,
                            const EngineNamespaces& of_engine) {
  const auto& own = record.container().host_config().sysctls().values();
  const auto& network = record.start().network_sysctls();
  for (const auto& [key, value] : own) {
    RETURN_IF_ERROR(CheckSysctlNamespace(key, of_engine));
  }
  for (const auto& [key, value] : network) {
    RETURN_IF_ERROR(CheckSysctlNamespace(key, of_engine));
  }
  return absl::OkStatus();
}

// Everything of a start that must be undone when it fails.
struct Attempt {
  std::string cgroup_path;
  ShimSpawner::Spawned spawned;
  std::shared_ptr<ShimConnection> shim;
  ShimMessage started;
};

void HandOverParked(Runtime& rt, const std::string& id, Attempt& attempt) {
  for (ParkedAttaches::Attach& parked : rt.parked.Take(id)) {
    ShimMessage message = NewShimMessage(ShimMessageType::kAttach);
    message.flags = parked.flags;
    const auto answer = attempt.shim->Call(message, {parked.socket.get()}, {});
    LogIfError(answer.status(), "hand a waiting client to the shim");
  }
}

absl::Status RunShim(Runtime& rt, const ContainerRecord& record,
                     const NamespaceJoins& joins, const UniqueFd& plan,
                     int64_t start_number, Attempt& attempt,
                     StartError& failure) {
  const std::string& id = record.container().id();
  std::vector<int> fds;
  for (const UniqueFd& fd : joins.fds) fds.push_back(fd.get());
  ASSIGN_OR_RETURN(attempt.spawned, rt.spawner.Spawn(plan.get(), fds));
  attempt.shim = std::make_shared<ShimConnection>(
      std::move(attempt.spawned.control),
      ObserverOf(rt, id, start_number, attempt.spawned.pidfd.get()));
  RETURN_IF_ERROR(rt.shims.Watch(attempt.shim));
  HandOverParked(rt, id, attempt);
  ASSIGN_OR_RETURN(
      const ShimConnection::Answer answer,
      attempt.shim->Call(
          NewShimMessage(ShimMessageType::kStart), {},
          {ShimMessageType::kStarted, ShimMessageType::kStartFailed},
          kStartTimeout));
  attempt.started = answer.last();
  if (attempt.started.type == ShimMessageType::kStarted) {
    return absl::OkStatus();
  }
  attempt.shim->Send(NewShimMessage(ShimMessageType::kAckExit)).IgnoreError();
  failure = DescribeStartFailure(attempt.started, record.container().path());
  return failure.ToStatus();
}

void Undo(Runtime& rt, const std::string& id, Attempt& attempt) {
  ReapShim(attempt.spawned.pidfd.get(), /*kill=*/true, kUndoWait);
  if (!attempt.cgroup_path.empty()) {
    LogIfError(KillCgroup(rt.cgroups, attempt.cgroup_path),
               "kill what a failed start has left");
    rt.sweeper.Sweep(attempt.cgroup_path);
  }
  unlink(rt.ShimSocketPath(id).c_str());
  unlink(rt.ExitRecordPath(id).c_str());
  rmdir(rt.RunDirectory(id).c_str());
}

absl::Status Try(Runtime& rt, const ContainerRecord& record,
                 const UniqueFd& network, int64_t start_number,
                 Attempt& attempt, StartError& failure) {
  const Container& container = record.container();
  ASSIGN_OR_RETURN(
      const NamespaceChoices choices,
      NamespacesOf(container.host_config(), rt.facts.cgroup_version));
  ASSIGN_OR_RETURN(const NamespaceJoins joins,
                   CollectJoins(rt, record, choices, network));
  RETURN_IF_ERROR(CheckSysctlsOf(record, joins.of_engine));
  RETURN_IF_ERROR(CreateSources(container));
  RETURN_IF_ERROR(PrepareRunDirectory(rt, container.id()));
  attempt.cgroup_path = CgroupPathOf(rt.config, container);
  RETURN_IF_ERROR(MakeCgroup(rt, container, attempt.cgroup_path));
  ASSIGN_OR_RETURN(const UniqueFd plan,
                   MakePlan(rt, record, choices, joins, attempt.cgroup_path));
  return RunShim(rt, record, joins, plan, start_number, attempt, failure);
}

absl::StatusOr<RecordPtr> PublishRunning(Runtime& rt,
                                         const ContainerRecord& record,
                                         const Attempt& attempt,
                                         int64_t start_number) {
  const Container& container = record.container();
  const absl::Time started = absl::FromUnixNanos(attempt.started.time);
  auto live = std::make_shared<LiveContainer>();
  live->id = container.id();
  live->shim = attempt.shim;
  live->shim_pid = attempt.spawned.pid;
  live->shim_pidfd.reset(
      fcntl(attempt.spawned.pidfd.get(), F_DUPFD_CLOEXEC, 0));
  live->pid = attempt.started.pid;
  live->cgroup_path = attempt.cgroup_path;
  live->start_number = start_number;
  live->started = started;
  rt.live.Put(std::move(live));
  // What a policy must start again after a power cut is synced.
  const std::string& policy = container.host_config().restart_policy().name();
  const bool synced = !policy.empty() && policy != "no";
  return rt.catalog.Update(
      container.id(), synced ? Persist::kSynced : Persist::kUnsynced,
      [&](ContainerRecord& r) {
        *r.mutable_start() = record.start();
        r.set_boot_id(rt.boot_id);
        r.set_cgroup_path(attempt.cgroup_path);
        r.set_shim_pid(attempt.spawned.pid);
        r.set_starts(start_number);
        Container& c = *r.mutable_container();
        c.set_state(runtime::v1::CONTAINER_STATE_RUNNING);
        c.set_pid(attempt.started.pid);
        c.set_exit_code(0);
        c.set_oom_killed(false);
        c.clear_error();
        c.set_manually_stopped(false);
        c.set_interrupted(false);
        *c.mutable_started_at() = ToTimestamp(started);
        c.clear_finished_at();
        c.set_hostname_path(container.hostname_path());
        c.set_hosts_path(record.start().hosts_path());
        c.set_resolv_conf_path(record.start().resolv_conf_path());
        return absl::OkStatus();
      });
}

// A container in another one's network has its files, too.
void ShareFiles(Runtime& rt, ContainerRecord& record) {
  absl::string_view other_name =
      record.container().host_config().network_mode();
  if (!absl::ConsumePrefix(&other_name, "container:")) return;
  const auto other = rt.catalog.Resolve(other_name);
  if (!other.ok()) return;
  const Container& from = (*other)->container();
  record.mutable_container()->set_hostname_path(from.hostname_path());
  if (record.start().hosts_path().empty()) {
    record.mutable_start()->set_hosts_path(from.hosts_path());
  }
  if (record.start().resolv_conf_path().empty()) {
    record.mutable_start()->set_resolv_conf_path(from.resolv_conf_path());
  }
}

}  // namespace

absl::StatusOr<RecordPtr> Launch(Runtime& rt, const ContainerRecord& stored,
                                 UniqueFd network, StartError& failure) {
  ContainerRecord record = stored;
  ShareFiles(rt, record);
  const std::string id = record.container().id();
  const int64_t start_number = record.starts() + 1;
  Attempt attempt;
  const absl::Status started =
      Try(rt, record, network, start_number, attempt, failure);
  if (!started.ok()) {
    Undo(rt, id, attempt);
    if (failure.text.empty()) failure = DescribeStartFailure(started);
    return failure.ToStatus();
  }
  if (network.valid()) rt.live.KeepNetwork(id, std::move(network));
  absl::StatusOr<RecordPtr> running =
      PublishRunning(rt, record, attempt, start_number);
  if (!running.ok()) {
    // Unrecorded it must not run on: nobody would find it again.
    rt.live.Erase(id, start_number);
    rt.live.DropNetwork(id);
    Undo(rt, id, attempt);
    failure = DescribeStartFailure(
        Annotate(running.status(), "record that the container runs"));
    return failure.ToStatus();
  }
  PublishContainerEvent(rt.events, (*running)->container(), "start");
  StartHealthProbes(rt, **running);
  return running;
}

}  // namespace tug::runtimed
