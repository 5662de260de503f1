// SPDX-License-Identifier: Apache-2.0
#include "lib/archive/library_filter.h"

#include <archive.h>
#include <errno.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"

namespace tug::archive {
namespace {

// The library's type has the name of this namespace.
using Handle = struct ::archive;

constexpr size_t kInputSize = 64 << 10;

class LibraryFilterSource final : public Source {
 public:
  explicit LibraryFilterSource(std::unique_ptr<Source> source)
      : source_(std::move(source)),
        input_(kInputSize, '\0'),
        archive_(archive_read_new()) {
    archive_read_support_filter_xz(archive_);
    archive_read_support_filter_bzip2(archive_);
    archive_read_support_format_raw(archive_);
  }
  ~LibraryFilterSource() override { archive_read_free(archive_); }

  absl::StatusOr<size_t> Read(char* buffer, size_t size) override {
    if (!opened_) RETURN_IF_ERROR(Open());
    const la_ssize_t count = archive_read_data(archive_, buffer, size);
    if (count < 0) return Failure();
    return static_cast<size_t>(count);
  }

 private:
  static la_ssize_t Refill(Handle*, void* self, const void** buffer) {
    auto* source = static_cast<LibraryFilterSource*>(self);
    absl::StatusOr<size_t> count =
        source->source_->Read(source->input_.data(), source->input_.size());
    if (!count.ok()) {
      source->status_ = count.status();
      archive_set_error(source->archive_, EIO, "read failed");
      return -1;
    }
    *buffer = source->input_.data();
    return static_cast<la_ssize_t>(*count);
  }

  absl::Status Open() {
    opened_ = true;
    archive_entry* entry = nullptr;
    if (archive_read_open(archive_, this, nullptr, Refill, nullptr) !=
            ARCHIVE_OK ||
        archive_read_next_header(archive_, &entry) != ARCHIVE_OK) {
      return Failure();
    }
    return absl::OkStatus();
  }

  absl::Status Failure() const {
    if (!status_.ok()) return status_;
    const char* text = archive_error_string(archive_);
    return absl::InvalidArgumentError(absl::StrCat(
        "damaged compressed data: ", text == nullptr ? "unknown" : text));
  }

  const std::unique_ptr<Source> source_;
  std::string input_;
  Handle* const archive_;
  bool opened_ = false;
  absl::Status status_;
};

}  // namespace

std::unique_ptr<Source> NewLibraryFilterSource(std::unique_ptr<Source> source) {
  return std::make_unique<LibraryFilterSource>(std::move(source));
}

}  // namespace tug::archive
