// SPDX-License-Identifier: Apache-2.0
#include "lib/rpc/status_conversion.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/utf8.h"
#include "third_party/google/rpc/status.pb.h"

namespace tug::rpc {
namespace {

// gRPC's peers accept 8 KiB of trailers; message and details (which repeat the
// message, in base64) stay below that.
constexpr size_t kMaxMessageBytes = 1536;
constexpr size_t kMaxMetadataBytes = 1024;
constexpr char kErrorInfoUrl[] = "type.googleapis.com/google.rpc.ErrorInfo";

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
