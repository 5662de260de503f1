// SPDX-License-Identifier: Apache-2.0
#include "services/registryd/client/blob_transfer.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "lib/base/status.h"

namespace tug::registryd {
namespace {

absl::Status Protocol(const std::string& what) {
  return WithReason(absl::InternalError(what), "REGISTRY_ERROR");
}

int64_t ContentLength(const std::map<std::string, std::string>& headers) {
  const auto found = headers.find("content-length");
  int64_t length = -1;
  if (found == headers.end() || !absl::SimpleAtoi(found->second, &length)) {
    return -1;
  }
  return length;
}

}  // namespace

bool ParseContentRange(absl::string_view text, int64_t* first, int64_t* total) {
  if (!absl::ConsumePrefix(&text, "bytes ")) return false;
  const std::vector<absl::string_view> sides = absl::StrSplit(text, '/');
  if (sides.size() != 2) return false;
  const std::vector<absl::string_view> ends = absl::StrSplit(sides[0], '-');
  if (ends.size() != 2 || !absl::SimpleAtoi(ends[0], first) || *first < 0) {
    return false;
  }
  *total = -1;
  return sides[1] == "*" ||
         (absl::SimpleAtoi(sides[1], total) && *total > *first);
}

void BlobTransfer::Prepare(HttpRequest& http) {
  skip_ = 0;
  if (position_ > 0) {
    http.headers.emplace_back("Range", absl::StrCat("bytes=", position_, "-"));
  }
  http.on_head = [this](int status,
                        const std::map<std::string, std::string>& headers) {
    return OnHead(status, headers);
  };
  http.on_body = [this](absl::string_view bytes) { return OnBody(bytes); };
}

absl::Status BlobTransfer::OnHead(
    int status, const std::map<std::string, std::string>& headers) {
  int64_t total = -1;
  if (status == 206) {
    int64_t first = -1;
    const auto found = headers.find("content-range");
    if (found == headers.end() ||
        !ParseContentRange(found->second, &first, &total) ||
        first != position_) {
      return Protocol("registry answered another range than asked for");
    }
  } else {
    total = ContentLength(headers);
    skip_ = position_;
  }
  if (request_.size > 0 && total >= 0 && total != request_.size) {
    return Protocol(absl::StrCat("registry has ", total,
                                 " bytes of this blob, the manifest says ",
                                 request_.size));
  }
  if (total >= 0) total_ = total;
  if (started_) return absl::OkStatus();
  started_ = true;
  const absl::Status begun = sink_.OnStart(total_);
  sink_failed_ = !begun.ok();
  return begun;
}

absl::Status BlobTransfer::OnBody(absl::string_view bytes) {
  const int64_t dropped = std::min(skip_, static_cast<int64_t>(bytes.size()));
  skip_ -= dropped;
  bytes.remove_prefix(static_cast<size_t>(dropped));
  if (bytes.empty()) return absl::OkStatus();
  position_ += static_cast<int64_t>(bytes.size());
  if (request_.size > 0 && position_ > request_.size) {
    return Protocol(absl::StrCat("registry sends more than the ", request_.size,
                                 " bytes of this blob"));
  }
  progressed_ = true;
  const absl::Status taken = sink_.OnBytes(bytes);
  sink_failed_ = !taken.ok();
  return taken;
}

bool BlobTransfer::complete(const HttpResult& result) const {
  if (result.success()) return total_ < 0 || position_ >= total_;
  // Nothing is left to ask for, or the end came before the break was seen.
  return started_ && total_ >= 0 && position_ == total_ && !sink_failed_ &&
         result.failure != Failure::kRefused;
}

bool BlobTransfer::TakeProgress() {
  const bool progressed = progressed_;
  progressed_ = false;
  return progressed;
}

}  // namespace tug::registryd
