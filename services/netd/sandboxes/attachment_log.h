// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/sys/unique_fd.h"
#include "services/netd/sandboxes/attachment.pb.h"
#include "services/netd/sandboxes/live_sandbox.h"

namespace tug::netd {

// One small file a lease in `<run>/netd/attachments`, so that a restart of netd
// finds the addresses and ports of running containers. Never synced: it means
// nothing after a reboot.
//
// Thread-safe for different leases.
class AttachmentLog {
 public:
  static absl::StatusOr<std::unique_ptr<AttachmentLog>> Open(
      const std::string& directory);

  absl::Status Write(const LiveSandbox& live,
                     const network::v1::Sandbox& sandbox);
  // Idempotent.
  void Remove(absl::string_view lease);

  // Records of this boot; others, and broken ones, are deleted.
  absl::StatusOr<std::vector<Attachment>> ReadAll();

 private:
  AttachmentLog(UniqueFd directory, std::string boot_id)
      : directory_(std::move(directory)), boot_id_(std::move(boot_id)) {}
  absl::StatusOr<Attachment> Read(const std::string& name) const;

  const UniqueFd directory_;
  const std::string boot_id_;
};

}  // namespace tug::netd
