// SPDX-License-Identifier: Apache-2.0
#include "lib/rpc/status_conversion.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "third_party/google/rpc/status.pb.h"

namespace tug::rpc {
namespace {

// gRPC's peers accept 8 KiB of trailers; message and details (which repeat the
// message, in base64) stay below that.
constexpr size_t kMaxMessageBytes = 1536;
constexpr size_t kMaxMetadataBytes = 1024;
constexpr char kErrorInfoUrl[] = "type.googleapis.com/google.rpc.ErrorInfo";

// Length of the UTF-8 sequence that `text` begins with; 0 if it is none.
// Over-long forms and surrogates pass: this guards a parser, not meaning.
size_t Utf8Length(absl::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const size_t length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) return 0;
  }
  const auto second = static_cast<unsigned char>(text[1]);
  const bool out_of_range = (lead == 0xe0 && second < 0xa0) ||
                            (lead == 0xed && second > 0x9f) ||
                            (lead == 0xf0 && second < 0x90) ||
                            (lead == 0xf4 && second > 0x8f);
  return out_of_range ? 0 : length;
}

// At most `limit` bytes of valid UTF-8: file names and process output get into
// messages, and Protobuf refuses a message with a broken string as a whole.
std::string Presentable(absl::string_view text, size_t limit) {
  std::string out;
  while (!text.empty()) {
    const size_t length = Utf8Length(text);
    const absl::string_view piece =
        length == 0 ? absl::string_view("?") : text.substr(0, length);
    if (out.size() + piece.size() > limit) break;
    absl::StrAppend(&out, piece);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

google::rpc::ErrorInfo MakeErrorInfo(const absl::Status& status,
                                     absl::string_view domain) {
  google::rpc::ErrorInfo info;
  info.set_reason(StatusReason(status));
  info.set_domain(std::string(domain));
  size_t left = kMaxMetadataBytes;
  for (const auto& [key, value] : StatusMetadata(status)) {
    if (key.size() >= left) continue;
    const std::string shown = Presentable(value, left - key.size());
    left -= key.size() + shown.size();
    (*info.mutable_metadata())[Presentable(key, key.size())] = shown;
  }
  return info;
}

void LogUnexpected(const absl::Status& status, absl::string_view domain) {
  if (status.code() != absl::StatusCode::kInternal &&
      status.code() != absl::StatusCode::kUnknown) {
    return;
  }
  LogError("call failed", {{"domain", domain}, {"error", status.ToString()}});
}

}  // namespace

grpc::Status ToGrpc(const absl::Status& status, absl::string_view domain) {
  if (status.ok()) return grpc::Status::OK;
  LogUnexpected(status, domain);
  const std::string message = Presentable(status.message(), kMaxMessageBytes);
  google::rpc::Status wire;
  wire.set_code(static_cast<int>(status.code()));
  wire.set_message(message);
  google::protobuf::Any* detail = wire.add_details();
  detail->set_type_url(kErrorInfoUrl);
  detail->set_value(MakeErrorInfo(status, domain).SerializeAsString());
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), message,
                      wire.SerializeAsString());
}

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  absl::Status result(static_cast<absl::StatusCode>(status.error_code()),
                      status.error_message());
  google::rpc::Status wire;
  if (!wire.ParseFromString(status.error_details())) return result;
  for (const google::protobuf::Any& detail : wire.details()) {
    google::rpc::ErrorInfo info;
    if (detail.type_url() != kErrorInfoUrl ||
        !info.ParseFromString(detail.value())) {
      continue;
    }
    if (!info.reason().empty()) {
      result = WithReason(std::move(result), info.reason());
    }
    for (const auto& [key, value] : info.metadata()) {
      result = WithMetadata(std::move(result), key, value);
    }
  }
  return result;
}

}  // namespace tug::rpc
