// SPDX-License-Identifier: Apache-2.0
//
// A whole server in this process: gRPC takes connections that it did not
// accept, with health, reflection, streams and shutdown.
#include "lib/rpc/server.h"

#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "grpcpp/generic/generic_stub.h"
#include "gtest/gtest.h"
#include "lib/program/shutdown_signal.h"
#include "lib/rpc/channel.h"
#include "lib/rpc/status_conversion.h"
#include "lib/testing/status_matchers.h"
#include "lib/testing/temp_dir.h"
#include "proto/tug/event/v1/event.grpc.pb.h"
#include "proto/tug/stream/v1/stream.grpc.pb.h"

namespace tug::rpc {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(10);

class ServerTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    std::signal(SIGPIPE, SIG_IGN);
    BlockShutdownSignals();
  }

  ServerTest() {
    options_.name = "test";
    options_.run_directory = directory_.path();
    booth_.emplace(ByteSocketPath(options_));
    server_ = std::thread([this] {
      EXPECT_THAT(Serve(options_, {}, &*booth_, &events_), IsOk());
    });
    channel_ = OpenChannel(directory_.path() + "/test.sock");
    PrepareContext(context_, kPatience);
  }

  ~ServerTest() override { Stop(); }

  void Stop() {
    if (!server_.joinable()) return;
    kill(getpid(), SIGTERM);
    server_.join();
  }

  // Raw bytes to and from a unary method.
  std::string Call(const std::string& method, const std::string& request) {
    grpc::GenericStub stub(channel_);
    grpc::CompletionQueue queue;
    grpc::Slice slice(request);
    grpc::ByteBuffer sent(&slice, 1);
    grpc::ByteBuffer received;
    grpc::Status status;
    const auto call =
        stub.PrepareUnaryCall(&context_, method, sent, &queue);
    call->StartCall();
    call->Finish(&received, &status, nullptr);
    void* tag = nullptr;
    bool ok = false;
    EXPECT_TRUE(queue.Next(&tag, &ok));
    EXPECT_TRUE(status.ok()) << status.error_message();
    grpc::Slice flat;
    EXPECT_TRUE(received.DumpToSingleSlice(&flat).ok());
    return std::string(reinterpret_cast<const char*>(flat.begin()),
                       flat.size());
  }

  TempDir directory_;
  ServerOptions options_;
  std::optional<TicketBooth> booth_;
  EventBus events_;
  std::thread server_;
  std::shared_ptr<grpc::Channel> channel_;
  grpc::ClientContext context_;
};

TEST_F(ServerTest, HealthSaysServing) {
  // HealthCheckResponse{status: SERVING}.
  EXPECT_EQ(Call("/grpc.health.v1.Health/Check", ""), "\x08\x01");
}

TEST_F(ServerTest, ReflectionListsTheServices) {
  grpc::GenericStub stub(channel_);
  grpc::CompletionQueue queue;
  const auto call = stub.PrepareCall(
      &context_,
      "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
      &queue);
  void* tag = nullptr;
  bool ok = false;
  call->StartCall(nullptr);
  ASSERT_TRUE(queue.Next(&tag, &ok) && ok);
  // ServerReflectionRequest{list_services: "*"}.
  grpc::Slice slice("\x3a\x01*");
  call->Write(grpc::ByteBuffer(&slice, 1), nullptr);
  ASSERT_TRUE(queue.Next(&tag, &ok) && ok);
  grpc::ByteBuffer received;
  call->Read(&received, nullptr);
  ASSERT_TRUE(queue.Next(&tag, &ok) && ok);
  grpc::Slice flat;
  ASSERT_TRUE(received.DumpToSingleSlice(&flat).ok());
  const std::string text(reinterpret_cast<const char*>(flat.begin()),
                         flat.size());
  EXPECT_NE(text.find("tug.event.v1.EventService"), std::string::npos);
  context_.TryCancel();
  grpc::Status status;
  call->Finish(&status, nullptr);
  EXPECT_TRUE(queue.Next(&tag, &ok));
}

TEST_F(ServerTest, WatchGreetsThenFollowsTheBus) {
  event::v1::Event event;
  event.set_action("before");
  events_.Publish(event);
  const auto stub = event::v1::EventService::NewStub(channel_);
  const auto reader = stub->Watch(&context_, event::v1::WatchRequest());
  ASSERT_TRUE(reader->Read(&event));
  EXPECT_EQ(event.action(), "");
  EXPECT_EQ(event.boot_id(), events_.boot_id());
  ASSERT_TRUE(reader->Read(&event));
  EXPECT_EQ(event.action(), "before");
  event.set_action("after");
  events_.Publish(event);
  ASSERT_TRUE(reader->Read(&event));
  EXPECT_EQ(event.action(), "after");
  EXPECT_EQ(event.sequence(), 2);
}

TEST_F(ServerTest, ShutdownEndsWatchersAtOnce) {
  const auto stub = event::v1::EventService::NewStub(channel_);
  const auto reader = stub->Watch(&context_, event::v1::WatchRequest());
  event::v1::Event event;
  ASSERT_TRUE(reader->Read(&event));
  const absl::Time begin = absl::Now();
  Stop();
  EXPECT_LT(absl::Now() - begin, absl::Seconds(1));
  EXPECT_FALSE(reader->Read(&event));
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

void Echo(UniqueFd connection) {
  char buffer[64];
  ssize_t got = 0;
  while ((got = read(connection.get(), buffer, sizeof(buffer))) > 0) {
    if (write(connection.get(), buffer, static_cast<size_t>(got)) != got) {
      return;
    }
  }
}

TEST_F(ServerTest, ByteSocketRunsTheHandler) {
  const auto ticket = booth_->IssueStream(Echo);
  ASSERT_THAT(ticket, IsOk());
  // The server is up once it answers.
  (void)Call("/grpc.health.v1.Health/Check", "");
  const auto stream = RedeemTicket(*ticket, {directory_.path(), {"test"}});
  ASSERT_THAT(stream, IsOk());
  ASSERT_EQ(write(stream->get(), "ping", 4), 4);
  char answer[4];
  EXPECT_EQ(recv(stream->get(), answer, sizeof(answer), MSG_WAITALL), 4);
  // Still open: shutdown ends the stream for both sides.
  Stop();
  EXPECT_EQ(recv(stream->get(), answer, sizeof(answer), 0), 0);
}

TEST_F(ServerTest, StreamServiceHasTheSameMeaning) {
  const auto ticket = booth_->IssueStream(Echo);
  ASSERT_THAT(ticket, IsOk());
  const auto stub = stream::v1::StreamService::NewStub(channel_);
  const auto stream = stub->Open(&context_);
  stream::v1::Chunk chunk;
  chunk.set_token(ticket->token());
  ASSERT_TRUE(stream->Write(chunk));
  chunk.Clear();
  chunk.set_data("ping");
  ASSERT_TRUE(stream->Write(chunk));
  ASSERT_TRUE(stream->Read(&chunk));
  EXPECT_EQ(chunk.data(), "ping");
  stream->WritesDone();
  ASSERT_TRUE(stream->Read(&chunk));
  EXPECT_EQ(chunk.data(), "");
  EXPECT_FALSE(stream->Read(&chunk));
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(ServerTest, StreamServiceRefusesForgedTickets) {
  const auto stub = stream::v1::StreamService::NewStub(channel_);
  const auto stream = stub->Open(&context_);
  stream::v1::Chunk chunk;
  chunk.set_token("forged");
  ASSERT_TRUE(stream->Write(chunk));
  EXPECT_FALSE(stream->Read(&chunk));
  EXPECT_THAT(FromGrpc(stream->Finish()), HasReason("TICKET_UNKNOWN"));
}

}  // namespace
}  // namespace tug::rpc
