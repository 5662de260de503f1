// SPDX-License-Identifier: Apache-2.0
//
// The shape that every RPC of peers/ has. For grpc_*.cc only.
#pragma once

#include <memory>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/sync_stream.h"
#include "lib/rpc/channel.h"
#include "lib/rpc/status_conversion.h"
#include "services/gatewayd/peers/call_deadline.h"
#include "services/gatewayd/server/cancellation.h"

namespace tug::gatewayd {

// How long a call may take that moves processes or disks.
inline constexpr absl::Duration kSlowCall = absl::Minutes(2);
// How long a call may take whose end nobody can foresee (pull, stop, logs).
inline constexpr absl::Duration kUnboundedCall = absl::Hours(24 * 365);

// What a service says stays as it is; what the transport says is put into words
// for users, with the name of the service whose protos are in `package`
// ("tug.image.v1").
absl::Status FromPeer(const grpc::Status& status, absl::string_view package);

// The same for the service that takes `Request`.
template <typename Request>
absl::Status FromPeerOf(const grpc::Status& status) {
  return FromPeer(status, Request::descriptor()->file()->package());
}

// `method` of `stub`, unary. Once `cancellation` (may be null) is cancelled the
// answer is CANCELLED.
template <typename Response, typename Stub, typename Request>
absl::StatusOr<Response> Call(Stub& stub,
                              grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                           const Request&,
                                                           Response*),
                              const Request& request,
                              absl::Duration timeout = rpc::kQuickCall,
                              Cancellation* cancellation = nullptr) {
  grpc::ClientContext context;
  rpc::PrepareContext(context, ScopedCallDeadline::Limit(timeout));
  ScopedCancelCallback cancel(cancellation, [&] { context.TryCancel(); });
  Response response;
  const grpc::Status status = (stub.*method)(&context, request, &response);
  if (!status.ok()) return FromPeerOf<Request>(status);
  return response;
}

// `method` of `stub`, server streaming; see peers/*_client.h.
template <typename Response, typename Stub, typename Request>
absl::Status CallStream(
    Stub& stub,
    std::unique_ptr<grpc::ClientReader<Response>> (Stub::*method)(
        grpc::ClientContext*, const Request&),
    const Request& request, Cancellation* cancellation,
    absl::FunctionRef<absl::Status(const Response&)> on_message,
    absl::Duration timeout = kUnboundedCall) {
  grpc::ClientContext context;
  rpc::PrepareContext(context, timeout);
  ScopedCancelCallback cancel(cancellation, [&] { context.TryCancel(); });
  const auto reader = (stub.*method)(&context, request);
  absl::Status refused;
  Response message;
  while (refused.ok() && reader->Read(&message)) refused = on_message(message);
  if (!refused.ok()) context.TryCancel();
  const grpc::Status status = reader->Finish();
  return refused.ok() ? FromPeerOf<Request>(status) : refused;
}

}  // namespace tug::gatewayd
