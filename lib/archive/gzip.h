// SPDX-License-Identifier: Apache-2.0
//
// gzip by ISA-L, several times faster than zlib.
#pragma once

#include <memory>

#include "lib/archive/stream.h"

namespace tug::archive {

// Inflates one or more gzip members, checksums verified. Zero padding behind
// the last member is accepted, other bytes are INVALID_ARGUMENT.
std::unique_ptr<Source> NewGzipSource(std::unique_ptr<Source> source);

// Deflates into `sink`, which outlives it. The output depends on the input
// alone (no time, no name).
class GzipSink final : public Sink {
 public:
  explicit GzipSink(Sink& sink);
  ~GzipSink() override;
  absl::Status Write(absl::string_view bytes) override;
  // Writes what is left and the trailer; nothing may follow.
  absl::Status Finish();

 private:
  struct State;
  absl::Status Deflate(absl::string_view bytes, bool last);
  Sink& sink_;
  std::unique_ptr<State> state_;
};

}  // namespace tug::archive
