// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/archive/stream.h"
#include "lib/base/thread.h"
#include "lib/oci/digest.h"
#include "lib/sys/unique_fd.h"

namespace tug::imaged {

// What unpacking a layer found out.
struct UnpackedLayer {
  oci::Digest diff_id;  // SHA-256 of the plain tar.
  int64_t bytes = 0;    // On disk.
  bool has_root = false;
  std::vector<std::string> opaque;    // Directories that hide lower content.
  std::vector<std::string> implicit;  // Directories without entries.
};

// One running tug-unpack. Not thread-safe. Dropping it kills the process.
class UnpackProcess {
 public:
  // Unpacks into the empty `directory` what is written to it. `hints`: of
  // SerializeHints; may be empty.
  static absl::StatusOr<std::unique_ptr<UnpackProcess>> StartLayer(
      const std::string& program, int directory, absl::string_view hints,
      std::function<bool()> cancelled);

  // Decompresses `input` (borrowed until the end) to what output() reads.
  static absl::StatusOr<std::unique_ptr<UnpackProcess>> StartFilter(
      const std::string& program, int input);

  ~UnpackProcess();

  // Layer only: more of the compressed stream. CANCELLED when the process has
  // ended; Finish then tells why.
  absl::Status Write(absl::string_view bytes);

  // Filter only: the plain stream.
  int output() const { return output_.get(); }

  // Ends the input, waits for the process and answers what it reported.
  // INVALID_ARGUMENT when the archive is at fault.
  absl::StatusOr<UnpackedLayer> Finish();

 private:
  UnpackProcess() = default;
  // The child's descriptors from 3 on.
  absl::Status Spawn(const std::string& program, const char* mode,
                     std::initializer_list<int> fds);
  // Starts to read the report; the child's ends are closed here by then.
  absl::Status Begin();
  void ReadReport();
  absl::Status Wait();

  pid_t pid_ = -1;
  UniqueFd input_;
  UniqueFd output_;
  UniqueFd report_;
  std::function<bool()> cancelled_;
  // Reads the report while the caller writes, so that neither waits for ever.
  Thread reader_;
  absl::Status outcome_;
  UnpackedLayer result_;
};

}  // namespace tug::imaged
