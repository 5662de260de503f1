// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/routes/images/image_routes.h"

#include <sys/socket.h>

#include <string>
#include <thread>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/base/status.h"
#include "services/gatewayd/peers/testing/bare_peers.h"
#include "services/gatewayd/server/fake_exchange.h"
#include "services/gatewayd/server/router.h"
#include "services/gatewayd/translate/errors.h"

namespace tug::gatewayd {
namespace {

constexpr char kDigest[] =
    "sha256:26848a33867b56b3ac096914a7899a1c4cc308f66817d29c290b570a4ae13e8f";

class FakeRegistry final : public BareRegistryClient {
 public:
  absl::StatusOr<registry::v1::OpenSessionResponse> OpenSession(
      const registry::v1::OpenSessionRequest& request) override {
    opened = request;
    registry::v1::OpenSessionResponse response;
    response.set_session("s");
    return response;
  }
  absl::Status CloseSession(const registry::v1::CloseSessionRequest&) override {
    ++closed;
    return absl::OkStatus();
  }
  absl::StatusOr<registry::v1::ResolveReferenceResponse> ResolveReference(
      const registry::v1::ResolveReferenceRequest& request) override {
    resolved = request.reference();
    if (!failure.ok()) return failure;
    registry::v1::ResolveReferenceResponse response;
    response.set_digest(kDigest);
    return response;
  }

  // Every page empty, and always another one.
  absl::StatusOr<registry::v1::ListTagsResponse> ListTags(
      const registry::v1::ListTagsRequest&) override {
    ++pages;
    registry::v1::ListTagsResponse response;
    response.set_next_page_token("more");
    return response;
  }

  registry::v1::OpenSessionRequest opened;
  int pages = 0;
  int closed = 0;
  std::string resolved;
  absl::Status failure;
};

image::v1::PullImageResponse Layer(image::v1::LayerProgress::State state,
                                   int64_t current, int64_t total) {
  image::v1::PullImageResponse message;
  message.mutable_layer()->set_digest(
      "sha256:3eb7f18e325c3eb7f18e325c3eb7f18e325c3eb7f18e325c");
  message.mutable_layer()->set_state(state);
  message.mutable_layer()->set_current(current);
  message.mutable_layer()->set_total(total);
  return message;
}

class FakeImages final : public BareImageClient {
 public:
  absl::Status PullImage(
      const image::v1::PullImageRequest&, Cancellation*,
      absl::FunctionRef<absl::Status(const image::v1::PullImageResponse&)>
          on_message) override {
    using image::v1::LayerProgress;
    for (const auto& message : {Layer(LayerProgress::PENDING, 0, 0),
                                Layer(LayerProgress::DOWNLOADING, 5, 10),
                                Layer(LayerProgress::DOWNLOADED, 0, 0),
                                Layer(LayerProgress::EXTRACTING, 7, 0),
                                Layer(LayerProgress::COMPLETE, 0, 0)}) {
      const absl::Status written = on_message(message);
      if (!written.ok()) return written;
    }
    if (!failure.ok()) return failure;
    image::v1::PullImageResponse result;
    result.mutable_result()->set_id(kDigest);
    return on_message(result);
  }
  absl::Status LoadImages(
      const image::v1::LoadImagesRequest&, Cancellation*,
      absl::FunctionRef<absl::Status(const image::v1::LoadImagesResponse&)>
          on_message) override {
    image::v1::LoadImagesResponse message;
    message.mutable_ticket()->set_token("t");
    const absl::Status taken = on_message(message);
    if (!taken.ok()) return taken;
    message.Clear();
    message.mutable_loaded()->set_reference("docker.io/library/busybox:1");
    return on_message(message);
  }

  absl::Status failure;
};

// Hands out one end of a pair and reads the other to its end.
class PairRedeemer final : public BareTicketRedeemer {
 public:
  ~PairRedeemer() override {
    if (reader.joinable()) reader.join();
  }
  absl::StatusOr<UniqueFd> Redeem(const type::v1::StreamTicket&) override {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
      return absl::InternalError("socketpair");
    }
    reader = std::thread([this, end = UniqueFd(ends[1])] {
      char buffer[4096];
      ssize_t size = 0;
      while ((size = read(end.get(), buffer, sizeof(buffer))) > 0) {
        received.append(buffer, static_cast<size_t>(size));
      }
    });
    return UniqueFd(ends[0]);
  }
  std::string received;
  std::thread reader;
};

struct World {
  FakeRegistry registry;
  FakeImages images;
  BareContainerClient containers;
  PairRedeemer tickets;

  FakeExchange Call(std::string method, std::string target,
                    std::string body = "") {
    const Router router(ImageRoutes({images, registry, containers, tickets}),
                        TranslateError);
    FakeExchange exchange(std::move(method), std::move(target),
                          std::move(body));
    router.Serve(exchange);
    return exchange;
  }
};

TEST(PullTest, WritesDockersLines) {
  World world;
  const FakeExchange exchange = world.Call(
      "POST", "/images/create?fromImage=127.0.0.1%3A5077%2Fgwb%2Fbb&tag=2");
  EXPECT_EQ(exchange.status(), 200);
  EXPECT_EQ(
      exchange.response_body(),
      "{\"status\":\"Pulling from gwb/bb\",\"id\":\"2\"}\r\n"
      "{\"status\":\"Pulling fs layer\",\"progressDetail\":{},"
      "\"id\":\"3eb7f18e325c\"}\r\n"
      "{\"status\":\"Downloading\",\"progressDetail\":{\"current\":5,"
      "\"total\":10},\"id\":\"3eb7f18e325c\"}\r\n"
      "{\"status\":\"Download complete\",\"progressDetail\":{\"hidecounts\":"
      "true},\"id\":\"3eb7f18e325c\"}\r\n"
      "{\"status\":\"Extracting\",\"progressDetail\":{\"current\":7},"
      "\"id\":\"3eb7f18e325c\"}\r\n"
      "{\"status\":\"Pull complete\",\"progressDetail\":{\"hidecounts\":true},"
      "\"id\":\"3eb7f18e325c\"}\r\n"
      "{\"status\":\"Digest: sha256:26848a33867b56b3ac096914a7899a1c4cc308f66"
      "817d29c290b570a4ae13e8f\"}\r\n"
      "{\"status\":\"Status: Downloaded newer image for "
      "127.0.0.1:5077/gwb/bb:2\"}\r\n");
  EXPECT_EQ(world.registry.opened.host(), "127.0.0.1:5077");
  EXPECT_EQ(world.registry.closed, 1);
}

TEST(PullTest, ErrorBeforeTheFirstLineIsAStatus) {
  World world;
  world.registry.failure =
      WithReason(absl::NotFoundError("no such tag"), "MANIFEST_UNKNOWN");
  const FakeExchange exchange =
      world.Call("POST", "/images/create?fromImage=debian&tag=nope");
  EXPECT_EQ(exchange.status(), 404);
  EXPECT_EQ(exchange.response_body(),
            "{\"message\":\"failed to resolve reference "
            "\\\"docker.io/library/debian:nope\\\": "
            "docker.io/library/debian:nope: not found\"}\n");
  EXPECT_EQ(world.registry.closed, 1);
}

TEST(PullTest, LaterErrorIsInBand) {
  World world;
  world.images.failure =
      WithReason(absl::DataLossError("digest differs"), "DIGEST_MISMATCH");
  const FakeExchange exchange =
      world.Call("POST", "/images/create?fromImage=debian&tag=1");
  EXPECT_EQ(exchange.status(), 200);
  EXPECT_THAT(exchange.response_body(),
              testing::EndsWith("{\"error\":\"digest differs\",\"errorDetail\":"
                                "{\"message\":\"digest differs\"}}\r\n"));
}

TEST(PullTest, DigestInTagIsADigest) {
  World world;
  world.Call("POST",
             std::string("/images/create?fromImage=debian&tag=") + kDigest);
  EXPECT_EQ(world.registry.resolved,
            std::string("docker.io/library/debian@") + kDigest);
}

TEST(PullTest, EndlessListOfTagsIsRefused) {
  World world;
  const FakeExchange exchange =
      world.Call("POST", "/images/create?fromImage=debian");
  EXPECT_EQ(exchange.status(), 400);
  EXPECT_EQ(exchange.response_body(),
            "{\"message\":\"debian has more than 10000 tags: name the ones "
            "to pull\"}\n");
  EXPECT_EQ(world.registry.pages, 1000);
}

TEST(PullTest, RefusesNonsense) {
  World world;
  EXPECT_EQ(world.Call("POST", "/images/create").status(), 400);
  EXPECT_EQ(world.Call("POST", "/images/create?fromSrc=http://x/y").status(),
            501);
  EXPECT_EQ(
      world.Call("POST", "/images/create?fromImage=a&tag=1&platform=foo")
          .response_body(),
      "{\"message\":\"\\\"foo\\\": unknown operating system or architecture: "
      "invalid argument\"}\n");
}

TEST(LoadTest, SendsTheBodyAndNamesWhatCame) {
  World world;
  const std::string body(300000, 'x');
  const FakeExchange exchange = world.Call("POST", "/images/load", body);
  EXPECT_EQ(exchange.response_body(),
            "{\"stream\":\"Loaded image: busybox:1\\n\"}\r\n");
}

}  // namespace
}  // namespace tug::gatewayd
