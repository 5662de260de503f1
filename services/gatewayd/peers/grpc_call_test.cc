// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/peers/grpc_call.h"

#include "absl/strings/match.h"
#include "gtest/gtest.h"

namespace tug::gatewayd {
namespace {

TEST(FromPeerTest, WhatAServiceSaysStays) {
  const absl::Status told = FromPeer(
      rpc::ToGrpc(absl::UnavailableError("no route to registry"), "tug"));
  EXPECT_EQ(told.message(), "no route to registry");
  EXPECT_TRUE(absl::IsUnavailable(told));
}

TEST(FromPeerTest, WhatTheTransportSaysIsExplained) {
  const absl::Status gone =
      FromPeer(grpc::Status(grpc::StatusCode::UNAVAILABLE, "Socket closed"));
  EXPECT_TRUE(absl::IsUnavailable(gone));
  EXPECT_TRUE(absl::StrContains(gone.message(), "try again")) << gone;
  const absl::Status late = FromPeer(
      grpc::Status(grpc::StatusCode::DEADLINE_EXCEEDED, "Deadline Exceeded"));
  EXPECT_TRUE(absl::IsDeadlineExceeded(late));
  EXPECT_TRUE(absl::StrContains(late.message(), "in time")) << late;
}

}  // namespace
}  // namespace tug::gatewayd
