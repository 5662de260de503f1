// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace tug::tugd {

// The file that standard error of tugd and all services goes to. They append
// to it themselves: no pipe that a slow disk could block, and nothing is cut
// off when tugd dies. Hence it is rotated by copying to `<path>.1` and
// truncating; lines written between both steps are lost.
class LogFile {
 public:
  static constexpr off_t kMaxBytes = 16 << 20;

  // Makes or appends to `path`, sets its mode to 0640 (logs name images,
  // containers and paths), and puts it in place of descriptor 2.
  static absl::StatusOr<LogFile> Redirect(const std::string& path);

  // Rotates past kMaxBytes.
  absl::Status RotateIfLarge() const;

 private:
  explicit LogFile(std::string path) : path_(std::move(path)) {}

  std::string path_;
};

}  // namespace tug::tugd
