// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "lib/oci/digest.h"
#include "lib/oci/reference.h"

namespace tug::registryd {

struct BlobRequest {
  oci::Reference repository;
  oci::Digest digest;
  int64_t offset = 0;  // First byte wanted.
  int64_t size = 0;    // Of the whole blob; 0: unknown.
};

// Takes the bytes of one blob, in order, each once. A failure ends the
// transfer and becomes its status.
class BlobSink {
 public:
  virtual ~BlobSink() = default;
  // Once, before the first byte: bytes of the whole blob, -1 if not told.
  virtual absl::Status OnStart(int64_t size) = 0;
  virtual absl::Status OnBytes(absl::string_view bytes) = 0;
};

}  // namespace tug::registryd
