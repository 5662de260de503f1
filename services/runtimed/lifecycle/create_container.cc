// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/lifecycle/create_container.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "absl/time/clock.h"
#include "lib/base/id.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/runtimed/containers/container_name.h"
#include "services/runtimed/containers/state_machine.h"
#include "services/runtimed/containers/timestamps.h"
#include "services/runtimed/events/container_events.h"
#include "services/runtimed/lifecycle/remove_container.h"
#include "services/runtimed/spec/create_spec.h"
#include "services/runtimed/spec/log_options.h"
#include "services/runtimed/spec/mounts.h"
#include "services/runtimed/spec/spec_error.h"

namespace tug::runtimed {
namespace {

using runtime::v1::Container;

// Group and others may pass but not list: the log is read by its owner only.
constexpr mode_t kDirectoryMode = 0710;

void SetPaths(const Runtime& rt, Container& container) {
  const std::string directory = rt.StateDirectory(container.id());
  container.set_hostname_path(absl::StrCat(directory, "/hostname"));
  const auto options = ParseLogOptions(container.host_config().log_config());
  if (options.ok() && options->keep) {
    container.set_log_path(
        absl::StrCat(directory, "/", container.id(), "-json.log"));
  }
}

absl::Status WriteHostname(const Container& container) {
  if (container.config().hostname().empty()) return absl::OkStatus();
  const UniqueFd fd(open(container.hostname_path().c_str(),
                         O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  const std::string text = container.config().hostname() + "\n";
  if (!fd || write(fd.get(), text.data(), text.size()) !=
                 static_cast<ssize_t>(text.size())) {
    return ErrnoStatus(errno, container.hostname_path());
  }
  fchmod(fd.get(), 0644);
  return absl::OkStatus();
}

absl::Status MakeStateDirectory(const Runtime& rt, const Container& container) {
  const std::string directory = rt.StateDirectory(container.id());
  if (mkdir(directory.c_str(), kDirectoryMode) != 0 && errno != EEXIST) {
    return ErrnoStatus(errno, absl::StrCat("make ", directory));
  }
  return WriteHostname(container);
}

}  // namespace

absl::StatusOr<RecordPtr> CreateContainer(
    Runtime& rt, const runtime::v1::CreateContainerRequest& request) {
  if (!IsId(request.id())) {
    return SpecError("a container id is 64 lower-case hexadecimal digits");
  }
  absl::string_view name = request.name();
  if (!name.empty() && name[0] == '/') name.remove_prefix(1);
  if (!name.empty()) RETURN_IF_ERROR(CheckContainerName(name));
  ContainerRecord record;
  record.set_request_id(request.request_id());
  Container& container = *record.mutable_container();
  container.set_id(request.id());
  container.set_name(std::string(name));
  container.set_state(runtime::v1::CONTAINER_STATE_CREATING);
  *container.mutable_created() = ToTimestamp(absl::Now());
  *container.mutable_config() = request.config();
  *container.mutable_host_config() = request.host_config();
  container.set_image_id(request.image_id());
  *container.mutable_mounts() = request.mounts();
  container.set_platform(request.platform().empty() ? "linux"
                                                    : request.platform());
  container.set_image_manifest_descriptor(request.image_manifest_descriptor());
  RETURN_IF_ERROR(CompleteContainer(rt.facts, container));
  SetPaths(rt, container);
  return rt.catalog.Reserve(std::move(record));
}

absl::StatusOr<RecordPtr> CommitContainer(
    Runtime& rt, const runtime::v1::CommitContainerRequest& request) {
  const OperationLocks::Held held(rt.locks, request.id());
  ASSIGN_OR_RETURN(const RecordPtr before, rt.catalog.Get(request.id()));
  Container draft = before->container();
  ASSIGN_OR_RETURN(const runtime::v1::ContainerState state,
                   NextState(draft.state(), Transition::kCommit));
  if (request.root_file_system().directory().empty()) {
    return SpecError("a container needs a root file system");
  }
  *draft.mutable_mounts() = request.mounts();
  RETURN_IF_ERROR(CheckMounts(draft));
  RETURN_IF_ERROR(CreateSources(draft));
  RETURN_IF_ERROR(MakeStateDirectory(rt, draft));
  ASSIGN_OR_RETURN(RecordPtr record,
                   rt.catalog.Update(
                       request.id(), Persist::kSynced, [&](ContainerRecord& r) {
                         Container& container = *r.mutable_container();
                         *container.mutable_mounts() = request.mounts();
                         *container.mutable_root_file_system() =
                             request.root_file_system();
                         container.set_state(state);
                         return absl::OkStatus();
                       }));
  PublishContainerEvent(rt.events, record->container(), "create");
  return record;
}

absl::Status AbandonContainer(Runtime& rt, const std::string& id) {
  const OperationLocks::Held held(rt.locks, id);
  const auto record = rt.catalog.Get(id);
  if (!record.ok()) return absl::OkStatus();
  const Container& container = (*record)->container();
  const bool committed =
      container.state() == runtime::v1::CONTAINER_STATE_CREATED &&
      !container.has_started_at();
  if (container.state() != runtime::v1::CONTAINER_STATE_CREATING &&
      !committed) {
    return WithReason(absl::FailedPreconditionError(absl::StrCat(
                          "container ", id, " is ",
                          StateName(container.state()), ": remove it")),
                      "CONTAINER_STATE");
  }
  if (committed) return ForgetContainer(rt, container, Persist::kSynced);
  std::error_code ignored;  // What is left is removed with the next of its id.
  std::filesystem::remove_all(rt.StateDirectory(id), ignored);
  return rt.catalog.Remove(id, Persist::kMemory);
}

}  // namespace tug::runtimed
