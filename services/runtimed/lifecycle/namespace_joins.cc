// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/lifecycle/namespace_joins.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/runtimed/containers/state_machine.h"
#include "services/runtimed/runtime/container_process.h"

namespace tug::runtimed {
namespace {

using Kind = NamespaceChoice::Kind;

// A kind of namespace that may be another container's.
struct Kinship {
  uint32_t flag;
  // Below /proc/PID/ns.
  const char* name;
  // In messages.
  const char* words;
};
constexpr Kinship kNetwork = {CLONE_NEWNET, "net", "network"};
constexpr Kinship kPid = {CLONE_NEWPID, "pid", "PID"};
constexpr Kinship kIpc = {CLONE_NEWIPC, "ipc", "IPC"};

absl::Status Refused(const Kinship& kinship, absl::string_view why,
                     const char* reason) {
  return WithReason(
      absl::FailedPreconditionError(absl::StrCat(
          "failed to join ", kinship.words, " namespace: container ", why)),
      reason);
}

// It was there when this container was made.
absl::Status Unknown(const Kinship& kinship, const std::string& name,
                     const absl::Status& status) {
  if (!absl::IsNotFound(status)) return status;
  const bool network = kinship.flag == CLONE_NEWNET;
  const std::string start =
      network ? "joining network namespace of container"
              : absl::StrCat("failed to join ", kinship.words, " namespace");
  return WithReason(
      absl::FailedPreconditionError(
          absl::StrCat(start, ": No such container: ", name)),
      kinship.flag == CLONE_NEWIPC ? "JOINED_NOT_SHAREABLE" : "START_FAILED");
}

absl::Status NotRunning(const Kinship& kinship,
                        const runtime::v1::Container& other) {
  if (kinship.flag == CLONE_NEWNET) {
    return WithReason(
        absl::FailedPreconditionError(absl::StrCat(
            "cannot join network namespace of a non running container: "
            "container ",
            other.name(), " is ", StateName(other.state()))),
        "JOINED_NOT_RUNNING");
  }
  // Docker answers an internal error here, and a conflict there.
  return Refused(
      kinship, absl::StrCat(other.id(), " is not running"),
      kinship.flag == CLONE_NEWPID ? "START_FAILED" : "JOINED_NOT_RUNNING");
}

// What Docker calls shareable: not a private one, nor one without /dev/shm.
bool HasSharedIpc(const runtime::v1::HostConfig& host) {
  return host.ipc_mode() == "shareable" || host.ipc_mode() == "host" ||
         absl::StartsWith(host.ipc_mode(), "container:");
}

// Whether `fd` is this process's own namespace, and so the host's: judged by
// the namespace, as a mode "container:X" leads to whatever X has.
absl::StatusOr<bool> IsOfEngine(const UniqueFd& fd, const char* name) {
  struct stat theirs = {};
  struct stat own = {};
  const std::string path = absl::StrCat("/proc/self/ns/", name);
  if (fstat(fd.get(), &theirs) != 0 || stat(path.c_str(), &own) != 0) {
    return ErrnoStatus(errno, absl::StrCat("look at a ", name, " namespace"));
  }
  return theirs.st_dev == own.st_dev && theirs.st_ino == own.st_ino;
}

// Joins the namespaces of other containers, one kind after the other.
class Joiner {
 public:
  explicit Joiner(Runtime& rt) : rt_(rt) {}

  absl::Status Add(const Kinship& kinship, UniqueFd fd, bool* of_engine) {
    ASSIGN_OR_RETURN(*of_engine, IsOfEngine(fd, kinship.name));
    joins_.flags.push_back(kinship.flag);
    joins_.fds.push_back(std::move(fd));
    return absl::OkStatus();
  }

  absl::Status JoinOther(const NamespaceChoice& choice, const Kinship& kinship,
                         bool* of_engine) {
    *of_engine = choice.kind == Kind::kHost;
    if (choice.kind != Kind::kContainer) return absl::OkStatus();
    const auto found = rt_.catalog.Resolve(choice.container);
    if (!found.ok()) return Unknown(kinship, choice.container, found.status());
    const RecordPtr& other = *found;
    const runtime::v1::Container& container = other->container();
    const auto live = rt_.live.Find(container.id());
    if (live == nullptr) return NotRunning(kinship, container);
    if (kinship.flag == CLONE_NEWIPC &&
        !HasSharedIpc(container.host_config())) {
      return Refused(kinship,
                     absl::StrCat(container.id(),
                                  ": non-shareable IPC (hint: use "
                                  "IpcMode:shareable for the donor container)"),
                     "JOINED_NOT_SHAREABLE");
    }
    if (kinship.flag == CLONE_NEWNET) {
      UniqueFd kept = rt_.live.CopyNetwork(live->id);
      if (kept) return Add(kinship, std::move(kept), of_engine);
    }
    ASSIGN_OR_RETURN(UniqueFd fd, Open(*live, kinship, container));
    RETURN_IF_ERROR(Add(kinship, std::move(fd), of_engine));
    if (kinship.flag != CLONE_NEWIPC) return absl::OkStatus();
    constexpr Kinship kMounts = {CLONE_NEWNS, "mnt", "IPC"};
    ASSIGN_OR_RETURN(shm_, Open(*live, kMounts, container));
    return absl::OkStatus();
  }

  NamespaceJoins& joins() { return joins_; }
  NamespaceJoins Finish() {
    if (shm_) joins_.fds.push_back(std::move(shm_));
    return std::move(joins_);
  }

 private:
  absl::StatusOr<UniqueFd> Open(const LiveContainer& live,
                                const Kinship& kinship,
                                const runtime::v1::Container& container) {
    absl::StatusOr<UniqueFd> fd = OpenNamespace(live, kinship.name);
    if (StatusReason(fd.status()) != "CONTAINER_NOT_RUNNING") return fd;
    return NotRunning(kinship, container);
  }

  Runtime& rt_;
  NamespaceJoins joins_;
  UniqueFd shm_;
};

}  // namespace

absl::StatusOr<NamespaceJoins> CollectJoins(Runtime& rt,
                                            const ContainerRecord& record,
                                            const NamespaceChoices& choices,
                                            const UniqueFd& network) {
  Joiner joiner(rt);
  EngineNamespaces& of_engine = joiner.joins().of_engine;
  of_engine.uts = choices.uts.kind == Kind::kHost;
  RETURN_IF_ERROR(
      joiner.JoinOther(choices.network, kNetwork, &of_engine.network));
  if (choices.network.kind == Kind::kNew && network.valid()) {
    RETURN_IF_ERROR(
        joiner.Add(kNetwork, UniqueFd(fcntl(network.get(), F_DUPFD_CLOEXEC, 0)),
                   &of_engine.network));
  } else if (choices.network.kind == Kind::kNew &&
             record.container().host_config().network_mode() != "none") {
    return absl::FailedPreconditionError(
        "no network namespace was given with the start");
  }
  bool pid_of_engine = false;
  RETURN_IF_ERROR(joiner.JoinOther(choices.pid, kPid, &pid_of_engine));
  RETURN_IF_ERROR(joiner.JoinOther(choices.ipc, kIpc, &of_engine.ipc));
  return joiner.Finish();
}

}  // namespace tug::runtimed
