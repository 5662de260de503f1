// SPDX-License-Identifier: Apache-2.0
#include "lib/archive/zstd.h"

#include <zstd.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "lib/base/check.h"
#include "lib/base/status_macros.h"

namespace tug::archive {
namespace {

constexpr size_t kInputSize = 256 << 10;
// 2^27 bytes; what `zstd --ultra` without --long needs.
constexpr int kMaxWindowLog = 27;

class ZstdSource final : public Source {
 public:
  explicit ZstdSource(std::unique_ptr<Source> source)
      : source_(std::move(source)),
        input_(kInputSize, '\0'),
        context_(ZSTD_createDCtx()) {
    CHECK(context_ != nullptr);
    CHECK(!ZSTD_isError(
        ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax, kMaxWindowLog)));
  }
  ~ZstdSource() override { ZSTD_freeDCtx(context_); }

  absl::StatusOr<size_t> Read(char* buffer, size_t size) override {
    ZSTD_outBuffer output = {buffer, size, 0};
    while (output.pos == 0) {
      if (pending_.pos == pending_.size && !more_output_) {
        ASSIGN_OR_RETURN(const size_t count,
                         source_->Read(input_.data(), input_.size()));
        pending_ = {input_.data(), count, 0};
        if (count == 0) return End();
      }
      const size_t result = ZSTD_decompressStream(context_, &output, &pending_);
      if (ZSTD_isError(result)) {
        return absl::InvalidArgumentError(
            absl::StrCat("damaged zstd data: ", ZSTD_getErrorName(result)));
      }
      inside_frame_ = result != 0;
      more_output_ = output.pos == output.size;
    }
    return output.pos;
  }

 private:
  absl::StatusOr<size_t> End() {
    if (inside_frame_) {
      return absl::InvalidArgumentError("zstd data ends early");
    }
    return 0;
  }

  const std::unique_ptr<Source> source_;
  std::string input_;
  ZSTD_DCtx* const context_;
  ZSTD_inBuffer pending_ = {nullptr, 0, 0};
  bool inside_frame_ = false;
  // The last call filled its buffer, so that more may wait inside.
  bool more_output_ = false;
};

}  // namespace

std::unique_ptr<Source> NewZstdSource(std::unique_ptr<Source> source) {
  return std::make_unique<ZstdSource>(std::move(source));
}

}  // namespace tug::archive
