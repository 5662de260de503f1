// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"

namespace tug::rpc {

// Deadline of calls that only touch memory or a database.
inline constexpr absl::Duration kQuickCall = absl::Seconds(10);

// A channel to the service behind a unix socket. Reconnects after 10, then
// 100, then at most every 200 ms. Thread-safe; made once and kept.
std::shared_ptr<grpc::Channel> OpenChannel(const std::string& socket_path);

// Sets deadline and wait_for_ready, so that a service that is being restarted
// costs a pause, not an error. InfiniteDuration() sets no deadline.
void PrepareContext(grpc::ClientContext& context, absl::Duration timeout);

}  // namespace tug::rpc
