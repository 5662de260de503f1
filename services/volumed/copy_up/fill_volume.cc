// SPDX-License-Identifier: Apache-2.0
#include "services/volumed/copy_up/fill_volume.h"

#include <memory>

#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/tree/apply/space_guard.h"
#include "services/tree/process/tree_process.h"

namespace tug::volumed {

absl::Status FillVolume(const CopyUp& how, int stream, int directory,
                        const std::function<bool()>& cancelled) {
  ASSIGN_OR_RETURN(const int64_t least_free,
                   tree::LeastFree(directory, how.max_space_percent));
  ASSIGN_OR_RETURN(const std::unique_ptr<tree::TreeProcess> process,
                   tree::TreeProcess::StartCopy(how.program, stream, directory,
                                                least_free, cancelled));
  const absl::Status status = process->Finish().status();
  // A sender that leaves may look like one that is done.
  if (cancelled()) return absl::CancelledError("the sender gave up");
  if (absl::IsInvalidArgument(status)) {
    return WithReason(status, "ARCHIVE_INVALID");
  }
  return tree::ExplainSpace(status, how.max_space_percent, "max-copy-percent");
}

}  // namespace tug::volumed
