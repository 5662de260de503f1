// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/translate/errors.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "lib/base/id.h"
#include "lib/base/status.h"
#include "lib/oci/reference.h"

namespace tug::gatewayd {
namespace {

// {message}: the service's own; {subject}: what the user named; {full}: the
// same as a full image name; {name}, {id}, {image}, ...: metadata of the
// status, or the subject when there is none.
struct Row {
  const char* reason;
  int http_status;
  const char* text;
};

constexpr Row kRows[] = {
    // any service
    {"TICKET_UNKNOWN", 503,
     "the stream was not taken over in time, or its service has restarted: try "
     "again"},
    // runtimed
    {"CONTAINER_UNKNOWN", 404, "No such container: {subject}"},
    {"CONTAINER_AMBIGUOUS", 400,
     "multiple IDs found with provided prefix: {subject}"},
    {"CONTAINER_NAME_TAKEN", 409,
     "Conflict. The container name \"/{name}\" is already in use by container "
     "\"{id}\". You have to remove (or rename) that container to be able to "
     "reuse that name."},
    {"CONTAINER_ID_TAKEN", 409, "{message}"},
    {"CONTAINER_SPEC_INVALID", 400, "{message}"},
    {"CONTAINER_STATE", 409, "{message}"},
    {"CONTAINER_RUNNING", 409,
     "cannot remove container \"{subject}\": container is running: stop the "
     "container before removing or force remove"},
    {"CONTAINER_REMOVING", 409,
     "removal of container {subject} is already in progress"},
    {"CONTAINER_NOT_RUNNING", 409, "container {id} is not running"},
    {"CONTAINER_PAUSED", 409,
     "Container {subject} is paused, unpause the container before exec"},
    {"CONTAINER_NOT_PAUSED", 500, "Container {id} is not paused"},
    {"UPDATE_CONFLICT", 409, "Cannot update container {id}: {message}"},
    {"SIGNAL_UNKNOWN", 400, "cannot kill container: {subject}: {message}"},
    {"WAIT_CONDITION_UNKNOWN", 400, "{message}"},
    {"PS_ARGUMENTS", 500, "{message}"},
    {"EXEC_UNKNOWN", 404, "No such exec instance: {subject}"},
    {"EXEC_STARTED", 409, "exec command {subject} has already run"},
    {"EXEC_NOT_RUNNING", 404,
     "NotFound: process does not exist {id}: not found"},
    {"EXEC_SPEC_INVALID", 400, "{message}"},
    {"EXEC_NOT_FOUND", 400, "{message}"},
    {"EXEC_PERMISSION", 400, "{message}"},
    {"EXEC_FAILED", 400, "{message}"},
    {"START_FAILED", 500, "{message}"},
    {"JOINED_NOT_RUNNING", 409, "{message}"},
    {"JOINED_NOT_SHAREABLE", 400, "{message}"},
    // imaged
    {"IMAGE_UNKNOWN", 404, "No such image: {image}"},
    {"REFERENCE_INVALID", 400, "invalid reference format{why}"},
    {"IMAGE_AMBIGUOUS", 400, "{message}"},
    {"IMAGE_IN_USE", 409,
     "conflict: unable to delete {subject} (must be forced) - container "
     "{lease} is using its referenced image"},
    {"IMAGE_HAS_NAMES", 409,
     "conflict: unable to delete {subject} (must be forced) - image is "
     "referenced in multiple repositories"},
    {"PLATFORM_UNKNOWN", 404, "{message}"},
    {"MANIFEST_UNKNOWN", 404,
     "failed to resolve reference \"{full}\": {full}: not found"},
    {"REPOSITORY_UNKNOWN", 404,
     "failed to resolve reference \"{full}\": pull access denied, repository "
     "does not exist or may require authorization: {message}"},
    {"DIGEST_MISMATCH", 500, "{message}"},
    {"MANIFEST_INVALID", 500, "{message}"},
    {"LAYER_INVALID", 500, "{message}"},
    {"ARCHIVE_INVALID", 400, "{message}"},
    {"LEASE_TAKEN", 409, "{message}"},
    // netd
    {"NETWORK_UNKNOWN", 404, "network {network} not found"},
    {"NETWORK_AMBIGUOUS", 400,
     "network {subject} is ambiguous (more than one matches on ID prefix)"},
    {"NETWORK_NAME_TAKEN", 409, "{message}"},
    {"NETWORK_NAME_INVALID", 400, "{message}"},
    {"NETWORK_PREDEFINED", 403, "{message}"},
    {"NETWORK_DRIVER_UNKNOWN", 404, "{message}"},
    {"NETWORK_OPTIONS_INVALID", 400, "{message}"},
    {"NETWORK_IN_USE", 403, "error while removing network: {message}"},
    {"POOL_OVERLAP", 403,
     "invalid pool request: Pool overlaps with other one on this address "
     "space"},
    {"POOLS_EXHAUSTED", 404,
     "all predefined address pools have been fully subnetted"},
    {"POOL_EXHAUSTED", 500,
     "failed to set up container networking: no available IP addresses on "
     "this network's address pools: {message}"},
    {"PORT_TAKEN", 500,
     "failed to set up container networking: driver failed programming "
     "external connectivity on endpoint {subject}: Bind for {address}:{port} "
     "failed: port is already allocated"},
    {"ADDRESS_TAKEN", 403,
     "failed to set up container networking: Address already in use"},
    {"ENDPOINT_EXISTS", 403,
     "endpoint with name {container} already exists in network {subject}"},
    {"ENDPOINT_UNKNOWN", 500,
     "container {container} is not connected to network {subject}"},
    {"ENDPOINT_INVALID", 400, "invalid endpoint settings:\n{message}"},
    {"SANDBOX_SHARED", 400,
     "container sharing network namespace with another container or host "
     "cannot be connected to any other network"},
    // volumed
    {"VOLUME_UNKNOWN", 404, "get {name}: no such volume"},
    {"VOLUME_IN_USE", 409, "remove {name}: volume is in use - [{leases}]"},
    {"VOLUME_NAME_TAKEN", 409,
     "create {name}: conflict: volume name must be unique: {message}"},
    {"VOLUME_DRIVER_UNKNOWN", 404, "create {name}: {message}"},
    {"VOLUME_NAME_INVALID", 400, "create {name}: {message}"},
    {"VOLUME_OPTIONS_INVALID", 400, "create {name}: {message}"},
    {"VOLUME_MOUNT_FAILED", 500,
     "error while mounting volume '{mountpoint}': {message}"},
    // registryd
    {"CREDENTIALS_REFUSED", 500,
     "failed to resolve reference \"{full}\": pull access denied, repository "
     "does not exist or may require authorization: {message}"},
    {"ACCESS_DENIED", 500,
     "failed to resolve reference \"{full}\": pull access denied, repository "
     "does not exist or may require authorization: {message}"},
    {"REGISTRY_UNREACHABLE", 500,
     "failed to resolve reference \"{full}\": failed to do request: "
     "{message}"},
    {"RATE_LIMITED", 500,
     "failed to resolve reference \"{full}\": too many requests: {message}"},
    {"REGISTRY_ERROR", 500,
     "failed to resolve reference \"{full}\": {message}"},
};

const Row* FindRow(absl::string_view reason) {
  for (const Row& row : kRows) {
    if (reason == row.reason) return &row;
  }
  return nullptr;
}

// The fragments by which the docker client tells 127 from 126 and 125.
std::string WithFragment(absl::string_view reason, std::string message) {
  if (reason == "EXEC_NOT_FOUND" &&
      !absl::StrContains(message, "executable file not found") &&
      !absl::StrContains(message, "no such file or directory")) {
    return absl::StrCat(message, ": executable file not found in $PATH");
  }
  if (reason == "EXEC_PERMISSION" &&
      !absl::StrContains(message, "permission denied") &&
      !absl::StrContains(message, "is a directory")) {
    return absl::StrCat(message, ": permission denied");
  }
  return message;
}

// Docker's one hint about a name that is none: capitals in the repository.
std::string ReferenceHint(absl::string_view name) {
  name = name.substr(0, name.find('@'));
  const size_t slash = name.find('/');
  const size_t last = name.rfind('/');
  const size_t colon = name.find(':', last == name.npos ? 0 : last);
  absl::string_view path = name.substr(0, colon);
  const absl::string_view first = name.substr(0, slash);
  const auto has_capital = [](absl::string_view text) {
    return std::any_of(text.begin(), text.end(), absl::ascii_isupper);
  };
  const bool has_domain =
      slash != name.npos &&
      (absl::StrContains(first, '.') || absl::StrContains(first, ':') ||
       first == "localhost" || has_capital(first));
  if (has_domain) path = path.substr(slash + 1);
  if (!has_capital(path)) return "";
  return absl::StrCat(": repository name (",
                      slash == name.npos ? "library/" : "", path,
                      ") must be lowercase");
}

std::string FullImageName(absl::string_view name) {
  const auto reference = oci::ParseReferenceWithDefaultTag(name);
  return reference.ok() ? reference->ToString() : std::string(name);
}

std::string Fill(const Row& row, const absl::Status& status,
                 absl::string_view subject) {
  auto metadata = StatusMetadata(status);
  metadata.try_emplace("id", subject);
  metadata.try_emplace("name", subject);
  metadata.try_emplace("container", subject);
  metadata.try_emplace("address", "0.0.0.0");
  metadata.try_emplace("network", subject);
  metadata.try_emplace("image", subject);
  for (const char* key : {"port", "lease", "leases"}) {
    metadata.try_emplace(key, "");
  }
  if (metadata["address"].empty()) metadata["address"] = "0.0.0.0";
  metadata["lease"] = std::string(ShortId(metadata["lease"]));
  metadata["message"] = WithFragment(row.reason, std::string(status.message()));
  metadata["subject"] = std::string(subject);
  metadata["image"] = FamiliarImageName(metadata["image"]);
  metadata["full"] = FullImageName(subject);
  metadata["why"] = ReferenceHint(subject);
  std::vector<std::pair<std::string, std::string>> replacements;
  for (const auto& [key, value] : metadata) {
    replacements.emplace_back(absl::StrCat("{", key, "}"), value);
  }
  return absl::StrReplaceAll(row.text, replacements);
}

}  // namespace

HttpError TranslateError(const absl::Status& status,
                         absl::string_view subject) {
  const Row* row = FindRow(StatusReason(status));
  if (row == nullptr) return ToHttpError(status);
  return {row->http_status, Fill(*row, status, subject)};
}

std::string FamiliarImageName(absl::string_view name) {
  const auto reference = oci::ParseReferenceWithDefaultTag(name);
  return reference.ok() ? reference->Familiar() : std::string(name);
}

}  // namespace tug::gatewayd
