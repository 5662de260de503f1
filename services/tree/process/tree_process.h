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
#include "services/tree/report/report.h"

namespace tug::tree {

// What tug-tree found out.
struct TreeReport {
  oci::Digest diff_id;  // Of a layer: SHA-256 of the plain tar.
  int64_t bytes = 0;    // Of a layer: on disk.
  bool has_root = false;
  std::vector<std::string> opaque;    // Directories that hide lower content.
  std::vector<std::string> implicit;  // Directories without entries.
};

// One running tug-tree. Not thread-safe. Dropping it kills the process. Must
// be dropped on the thread that made it, with whose end the process ends.
//
// `cancelled` (may be empty) is asked from another thread.
class TreeProcess {
 public:
  // Unpacks into the empty `directory` what is written to it. `hints`: of
  // SerializeHints; may be empty. It stops with RESOURCE_EXHAUSTED when less
  // than `least_free` bytes are left on the directory's file system.
  static absl::StatusOr<std::unique_ptr<TreeProcess>> StartLayer(
      const std::string& program, int directory, int64_t least_free,
      absl::string_view hints, std::function<bool()> cancelled);

  // Unpacks the plain tar that `input` (borrowed until the end) brings.
  static absl::StatusOr<std::unique_ptr<TreeProcess>> StartCopy(
      const std::string& program, int input, int directory, int64_t least_free,
      std::function<bool()> cancelled);

  // Decompresses `input` (borrowed until the end) to what output() reads.
  static absl::StatusOr<std::unique_ptr<TreeProcess>> StartFilter(
      const std::string& program, int input);

  // Decompresses `input` (borrowed until the end) and takes the tar in it
  // apart, into what a SpoolReader reads from output().
  static absl::StatusOr<std::unique_ptr<TreeProcess>> StartSpool(
      const std::string& program, int input);

  ~TreeProcess();

  // Layer only: more of the compressed stream. CANCELLED when the process has
  // ended; Finish then tells why.
  absl::Status Write(absl::string_view bytes);

  // Filter and spool only.
  int output() const { return output_.get(); }

  // Ends the input, waits for the process and answers what it reported.
  // INVALID_ARGUMENT when the archive is at fault.
  absl::StatusOr<TreeReport> Finish();

 private:
  TreeProcess() = default;
  static absl::StatusOr<std::unique_ptr<TreeProcess>> StartStream(
      const std::string& program, const char* verb, int input);
  // Starts `program` with the descriptors and one for the report behind the
  // second of them, and reads that.
  absl::Status Start(const std::string& program,
                     std::initializer_list<std::string> arguments,
                     std::initializer_list<int> fds);
  void ReadReport();
  void Take(ReportReader::Record record);
  absl::Status Wait();

  pid_t pid_ = -1;
  UniqueFd input_;
  UniqueFd output_;
  UniqueFd report_;
  std::function<bool()> cancelled_;
  // Reads the report while the caller writes, so that neither waits for ever.
  Thread reader_;
  absl::Status outcome_;
  TreeReport result_;
};

// Path of tug-tree: `configured` if not empty, else beside the program that
// runs. NOT_FOUND.
absl::StatusOr<std::string> FindTreeProgram(const std::string& configured);

}  // namespace tug::tree
