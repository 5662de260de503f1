// SPDX-License-Identifier: Apache-2.0
#include "lib/archive/gzip.h"

#include <isa-l/igzip_lib.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"

namespace tug::archive {
namespace {

constexpr size_t kInputSize = 256 << 10;
constexpr size_t kOutputSize = 64 << 10;

class GzipSource final : public Source {
 public:
  explicit GzipSource(std::unique_ptr<Source> source)
      : source_(std::move(source)), input_(kInputSize, '\0') {
    isal_inflate_init(&state_);
    state_.crc_flag = ISAL_GZIP;
    state_.avail_in = 0;
  }

  absl::StatusOr<size_t> Read(char* buffer, size_t size) override {
    // The library counts in 32 bits.
    if (size > kInputSize * 16) size = kInputSize * 16;
    while (!ended_) {
      ASSIGN_OR_RETURN(const size_t count, Step(buffer, size));
      if (count > 0) return count;
    }
    return 0;
  }

 private:
  absl::Status Refill() {
    ASSIGN_OR_RETURN(const size_t count,
                     source_->Read(input_.data(), input_.size()));
    state_.next_in = reinterpret_cast<uint8_t*>(input_.data());
    state_.avail_in = static_cast<uint32_t>(count);
    return absl::OkStatus();
  }

  absl::StatusOr<size_t> Step(char* buffer, size_t size) {
    if (state_.avail_in == 0) RETURN_IF_ERROR(Refill());
    if (state_.block_state == ISAL_BLOCK_FINISH) {
      RETURN_IF_ERROR(BeginMember());
      if (ended_) return 0;
    }
    // What is still buffered inside the library needs no further input.
    const bool starved = state_.avail_in == 0;
    state_.next_out = reinterpret_cast<uint8_t*>(buffer);
    state_.avail_out = static_cast<uint32_t>(size);
    const int result = isal_inflate(&state_);
    if (result < 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("damaged gzip data (", result, ")"));
    }
    const size_t produced = size - state_.avail_out;
    if (starved && produced == 0 && state_.block_state != ISAL_BLOCK_FINISH) {
      return absl::InvalidArgumentError("gzip data ends early");
    }
    return produced;
  }

  // Behind a member: another one, zero padding, or the end.
  absl::Status BeginMember() {
    while (state_.avail_in > 0 && *state_.next_in == 0) {
      padded_ = true;
      ++state_.next_in;
      if (--state_.avail_in == 0) RETURN_IF_ERROR(Refill());
    }
    if (state_.avail_in == 0) {
      ended_ = true;
      return absl::OkStatus();
    }
    if (padded_ || *state_.next_in != 0x1f) {
      return absl::InvalidArgumentError("unknown bytes behind gzip data");
    }
    uint8_t* const next_in = state_.next_in;
    const uint32_t avail_in = state_.avail_in;
    isal_inflate_reset(&state_);
    state_.crc_flag = ISAL_GZIP;
    state_.next_in = next_in;
    state_.avail_in = avail_in;
    return absl::OkStatus();
  }

  const std::unique_ptr<Source> source_;
  std::string input_;
  inflate_state state_;
  bool padded_ = false;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<Source> NewGzipSource(std::unique_ptr<Source> source) {
  return std::make_unique<GzipSource>(std::move(source));
}

struct GzipSink::State {
  isal_zstream stream;
  std::string level_buffer = std::string(ISAL_DEF_LVL2_DEFAULT, '\0');
  std::string output = std::string(kOutputSize, '\0');
};

GzipSink::GzipSink(Sink& sink)
    : sink_(sink), state_(std::make_unique<State>()) {
  isal_deflate_init(&state_->stream);
  state_->stream.level = 2;
  state_->stream.level_buf =
      reinterpret_cast<uint8_t*>(state_->level_buffer.data());
  state_->stream.level_buf_size =
      static_cast<uint32_t>(state_->level_buffer.size());
  state_->stream.gzip_flag = IGZIP_GZIP;
}

GzipSink::~GzipSink() = default;

absl::Status GzipSink::Write(absl::string_view bytes) {
  return Deflate(bytes, false);
}

absl::Status GzipSink::Finish() { return Deflate({}, true); }

absl::Status GzipSink::Deflate(absl::string_view bytes, bool last) {
  isal_zstream& stream = state_->stream;
  stream.next_in = reinterpret_cast<uint8_t*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uint32_t>(bytes.size());
  stream.end_of_stream = last ? 1 : 0;
  do {
    stream.next_out = reinterpret_cast<uint8_t*>(state_->output.data());
    stream.avail_out = static_cast<uint32_t>(state_->output.size());
    const int result = isal_deflate(&stream);
    if (result != COMP_OK) {
      return absl::InternalError(absl::StrCat("deflate: ", result));
    }
    const size_t produced = state_->output.size() - stream.avail_out;
    if (produced > 0) {
      RETURN_IF_ERROR(
          sink_.Write(absl::string_view(state_->output.data(), produced)));
    }
  } while (stream.avail_out == 0);
  return absl::OkStatus();
}

}  // namespace tug::archive
