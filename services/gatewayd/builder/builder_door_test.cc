// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/builder/builder_door.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include "grpcpp/create_channel_posix.h"
#include "grpcpp/grpcpp.h"
#include "proto/moby/buildkit/v1/control.grpc.pb.h"

namespace tug::gatewayd {
namespace {

namespace buildkit = moby::buildkit::v1;

// Issue 7, B9.
TEST(BuilderDoorTest, HasNothingToPruneAndBuildsNothing) {
  BuilderDoor door("amd64");
  int pair[2];
  // Blocking, as any socket comes; gRPC wants its own end otherwise.
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
  door.Serve(UniqueFd(pair[0]));
  ASSERT_EQ(::fcntl(pair[1], F_SETFL, O_NONBLOCK), 0);
  const auto stub = buildkit::Control::NewStub(
      grpc::CreateInsecureChannelFromFd("builder", pair[1]));

  grpc::ClientContext prune;
  const auto removed = stub->Prune(&prune, {});
  buildkit::UsageRecord record;
  EXPECT_FALSE(removed->Read(&record));
  EXPECT_TRUE(removed->Finish().ok());

  grpc::ClientContext list;
  buildkit::ListWorkersResponse workers;
  EXPECT_TRUE(stub->ListWorkers(&list, {}, &workers).ok());
  ASSERT_EQ(workers.record_size(), 1);
  EXPECT_EQ(workers.record(0).platforms(0).architecture(), "amd64");

  grpc::ClientContext solve;
  buildkit::SolveResponse solved;
  const grpc::Status refused = stub->Solve(&solve, {}, &solved);
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_EQ(refused.error_message(), kNoBuilder);

  grpc::ClientContext follow;
  const auto progress = stub->Status(&follow, {});
  buildkit::StatusResponse step;
  EXPECT_FALSE(progress->Read(&step));
  EXPECT_EQ(progress->Finish().error_message(), kNoBuilder);
}

}  // namespace
}  // namespace tug::gatewayd
