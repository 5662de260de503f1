// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/transfer/plain_stream.h"

#include "lib/base/status_macros.h"

namespace tug::imaged {

absl::StatusOr<std::unique_ptr<PlainStream>> PlainStream::Open(
    const std::string& tree_program, int connection, Cancelled cancelled) {
  ASSIGN_OR_RETURN(std::unique_ptr<tree::TreeProcess> process,
                   tree::TreeProcess::StartFilter(tree_program, connection));
  return std::unique_ptr<PlainStream>(
      new PlainStream(std::move(process), std::move(cancelled)));
}

absl::StatusOr<std::unique_ptr<PlainStream>> PlainStream::OpenSpool(
    const std::string& tree_program, int connection, Cancelled cancelled) {
  ASSIGN_OR_RETURN(std::unique_ptr<tree::TreeProcess> process,
                   tree::TreeProcess::StartSpool(tree_program, connection));
  return std::unique_ptr<PlainStream>(
      new PlainStream(std::move(process), std::move(cancelled)));
}

absl::StatusOr<size_t> PlainStream::Read(char* buffer, size_t size) {
  if (ended_) return 0;
  ASSIGN_OR_RETURN(const size_t count, source_.Read(buffer, size));
  if (count > 0) return count;
  // The pipe's end does not tell whether the input was whole.
  ended_ = true;
  RETURN_IF_ERROR(process_->Finish().status());
  return 0;
}

}  // namespace tug::imaged
