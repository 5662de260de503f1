// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "grpcpp/impl/service_type.h"

namespace tug::rpc {

// Some methods of another gRPC service, which outlives it and answers them; a
// server that has this one instead answers UNIMPLEMENTED to the others.
class NarrowService final : public grpc::Service {
 public:
  // `name` is the full name of `whole`. NOT_FOUND names a method, or a service,
  // that there is not.
  static absl::StatusOr<std::unique_ptr<NarrowService>> Create(
      grpc::Service& whole, absl::string_view name,
      absl::Span<const absl::string_view> methods);

 private:
  NarrowService() = default;

  // gRPC keeps pointers to them.
  std::deque<std::string> paths_;
};

}  // namespace tug::rpc
