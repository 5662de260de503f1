// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "lib/archive/stream.h"
#include "services/imaged/transfer/transfer_parts.h"
#include "services/imaged/unpack/unpack_process.h"

namespace tug::imaged {

// A stream from outside, decompressed in a confined process whatever its
// compression. Borrows the connection. Not thread-safe.
class PlainStream final : public archive::Source {
 public:
  static absl::StatusOr<std::unique_ptr<PlainStream>> Open(
      const std::string& unpack_program, int connection, Cancelled cancelled);

  // INVALID_ARGUMENT for damaged compressed data.
  absl::StatusOr<size_t> Read(char* buffer, size_t size) override;

 private:
  PlainStream(std::unique_ptr<UnpackProcess> filter, Cancelled cancelled)
      : filter_(std::move(filter)),
        source_(filter_->output(), std::move(cancelled)) {}

  const std::unique_ptr<UnpackProcess> filter_;
  archive::FdSource source_;
  bool ended_ = false;
};

}  // namespace tug::imaged
