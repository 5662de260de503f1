// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/peers/grpc_call.h"

#include <string>

#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "services/gatewayd/translate/errors.h"

namespace tug::gatewayd {
namespace {

TEST(FromPeerTest, WhatAServiceSaysStays) {
  const absl::Status told = FromPeer(
      rpc::ToGrpc(absl::UnavailableError("no route to registry"), "tug"),
      "tug.registry.v1");
  EXPECT_EQ(told.message(), "no route to registry");
  EXPECT_TRUE(absl::IsUnavailable(told));
}

struct TransportCase {
  const char* name;
  grpc::StatusCode code;
  const char* message;
  const char* package;
  const char* service;
};

class TransportTest : public testing::TestWithParam<TransportCase> {};

TEST_P(TransportTest, NamesTheServiceAndWhatToDo) {
  const TransportCase& c = GetParam();
  const absl::Status status =
      FromPeer(grpc::Status(c.code, c.message), c.package);
  // Callers that wait for a service look at the code.
  EXPECT_EQ(static_cast<int>(status.code()), static_cast<int>(c.code));
  const HttpError error = TranslateError(status, "web");
  EXPECT_EQ(error.status, 503);
  EXPECT_TRUE(absl::StrContains(error.message, c.service)) << status;
  EXPECT_TRUE(absl::StrContains(error.message, "try again")) << status;
  EXPECT_FALSE(absl::StrContains(error.message, c.message)) << status;
}

constexpr TransportCase kCases[] = {
    {"Died", grpc::StatusCode::UNAVAILABLE, "Socket closed", "tug.image.v1",
     "(imaged)"},
    {"Down", grpc::StatusCode::UNAVAILABLE,
     "failed to connect to all addresses", "tug.network.v1", "(netd)"},
    {"Late", grpc::StatusCode::DEADLINE_EXCEEDED, "Deadline Exceeded",
     "tug.runtime.v1", "(runtimed)"},
    {"Any", grpc::StatusCode::UNAVAILABLE, "Socket closed", "tug.event.v1",
     "service of the engine"},
};
INSTANTIATE_TEST_SUITE_P(All, TransportTest, testing::ValuesIn(kCases),
                         [](const auto& info) {
                           return std::string(info.param.name);
                         });

}  // namespace
}  // namespace tug::gatewayd
