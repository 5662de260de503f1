// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "lib/archive/stream.h"
#include "services/imaged/transfer/transfer_parts.h"
#include "services/tree/process/tree_process.h"

namespace tug::imaged {

// A stream from outside, decompressed in a confined process whatever its
// compression, or taken apart there as well. Borrows the connection. Not
// thread-safe.
class PlainStream final : public archive::Source {
 public:
  static absl::StatusOr<std::unique_ptr<PlainStream>> Open(
      const std::string& tree_program, int connection, Cancelled cancelled);

  // The files of the tar in it, for a tree::SpoolReader.
  static absl::StatusOr<std::unique_ptr<PlainStream>> OpenSpool(
      const std::string& tree_program, int connection, Cancelled cancelled);

  // INVALID_ARGUMENT for a damaged or hostile stream.
  absl::StatusOr<size_t> Read(char* buffer, size_t size) override;

 private:
  PlainStream(std::unique_ptr<tree::TreeProcess> process, Cancelled cancelled)
      : process_(std::move(process)),
        source_(process_->output(), std::move(cancelled)) {}

  const std::unique_ptr<tree::TreeProcess> process_;
  archive::FdSource source_;
  bool ended_ = false;
};

}  // namespace tug::imaged
