// SPDX-License-Identifier: Apache-2.0
#include "lib/rpc/channel.h"

#include <chrono>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "lib/rpc/limits.h"

namespace tug::rpc {
namespace {

constexpr int kFirstReconnectMs = 10;
constexpr int kLastReconnectMs = 200;
// How long one attempt may take; also gRPC's least pause between attempts.
constexpr int kMinReconnectMs = 100;

}  // namespace

std::shared_ptr<grpc::Channel> OpenChannel(const std::string& socket_path) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kFirstReconnectMs);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kMinReconnectMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kLastReconnectMs);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_MAX_METADATA_SIZE, kMaxHeaderBytes);
  arguments.SetMaxReceiveMessageSize(kMaxAnswerBytes);
  // A channel's connection is its own: one service's restart must not depend
  // on who else in this process talks to it.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(absl::StrCat("unix:", socket_path),
                                   grpc::InsecureChannelCredentials(),
                                   arguments);
}

void PrepareContext(grpc::ClientContext& context, absl::Duration timeout) {
  context.set_wait_for_ready(true);
  if (timeout == absl::InfiniteDuration()) return;
  context.set_deadline(std::chrono::system_clock::now() +
                       absl::ToChronoNanoseconds(timeout));
}

}  // namespace tug::rpc
