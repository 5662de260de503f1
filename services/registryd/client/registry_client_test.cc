// SPDX-License-Identifier: Apache-2.0
#include "services/registryd/client/registry_client.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "lib/base/status.h"
#include "services/registryd/client/testing/scripted_server.h"

namespace tug::registryd {
namespace {

class StringSink final : public BlobSink {
 public:
  absl::Status OnStart(int64_t) override { return absl::OkStatus(); }
  absl::Status OnBytes(absl::string_view bytes) override {
    text.append(bytes.data(), bytes.size());
    return absl::OkStatus();
  }
  std::string text;
};

std::string Http(const std::string& head, const std::string& body = "") {
  return absl::StrCat("HTTP/1.1 ", head, "\r\nConnection: close\r\n",
                      "Content-Length: ", body.size(), "\r\n\r\n", body);
}

class RegistryClientTest : public testing::Test {
 protected:
  RegistryClientTest()
      : policy_(*RegistryPolicy::Create({})), client_(policy_, clock_) {}

  oci::Reference At(const ScriptedServer& server) {
    return *oci::ParseReference(server.address() + "/a/b:t");
  }

  SystemClock clock_;
  RegistryPolicy policy_;
  RegistryClient client_;
  RegistryClient::Cancelled never_ = [] { return false; };
};

TEST_F(RegistryClientTest, BrokenBlobIsResumed) {
  ScriptedServer server([](const std::string& head) -> std::string {
    if (!absl::StrContains(head, "Range: bytes=4-")) {
      return "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123";
    }
    return Http("206 Partial\r\nContent-Range: bytes 4-9/10", "456789");
  });
  Identity nobody(server.address(), {}, {});
  StringSink sink;
  const BlobRequest request = {At(server), oci::Digest::Of("x"), 0, 10};
  const absl::Status status = client_.FetchBlob(nobody, request, sink, never_);
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(sink.text, "0123456789");
}

TEST_F(RegistryClientTest, ServerErrorsAreRetried) {
  int count = 0;
  ScriptedServer server([&count](const std::string&) {
    return ++count == 1 ? Http("503 Busy") : Http("200 OK", "bytes");
  });
  Identity nobody(server.address(), {}, {});
  const auto manifest = client_.FetchManifest(nobody, At(server),
                                              oci::Digest::Of("bytes"), never_);
  ASSERT_TRUE(manifest.ok()) << manifest.status();
  EXPECT_EQ(manifest->content, "bytes");
}

TEST_F(RegistryClientTest, WrongManifestBytesAreDataLoss) {
  ScriptedServer server(
      [](const std::string&) { return Http("200 OK", "other"); });
  Identity nobody(server.address(), {}, {});
  const auto manifest = client_.FetchManifest(nobody, At(server),
                                              oci::Digest::Of("bytes"), never_);
  EXPECT_EQ(manifest.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(StatusReason(manifest.status()), "DIGEST_MISMATCH");
}

TEST_F(RegistryClientTest, EndlessManifestIsRefused) {
  ScriptedServer server([](const std::string&) {
    return "HTTP/1.1 200 OK\r\n\r\n" +
           std::string(kMaxManifestBytes + 4096, 'x');
  });
  Identity nobody(server.address(), {}, {});
  const auto manifest = client_.FetchManifest(nobody, At(server),
                                              oci::Digest::Of("bytes"), never_);
  EXPECT_EQ(manifest.status().code(), absl::StatusCode::kResourceExhausted);
}

// CVE-2020-15157: another origin must not see the credentials.
TEST_F(RegistryClientTest, CredentialsStayWithTheRegistry) {
  ScriptedServer storage(
      [](const std::string&) { return Http("200 OK", "blob"); });
  ScriptedServer server([&storage](const std::string& head) {
    if (!absl::StrContains(head, "Authorization: Basic am9lOnB3")) {
      return Http("401 No\r\nWWW-Authenticate: Basic realm=\"r\"");
    }
    return Http(absl::StrCat("307 There\r\nLocation: http://",
                             storage.address(), "/signed"));
  });
  Identity joe(server.address(), {.username = "joe", .password = "pw"},
               {{"X-Meta-A", "b"}});
  StringSink sink;
  const BlobRequest request = {At(server), oci::Digest::Of("blob"), 0, 4};
  ASSERT_TRUE(client_.FetchBlob(joe, request, sink, never_).ok());
  EXPECT_EQ(sink.text, "blob");
  ASSERT_EQ(storage.requests().size(), 1u);
  EXPECT_FALSE(absl::StrContains(storage.requests()[0], "Authorization"));
  EXPECT_FALSE(absl::StrContains(storage.requests()[0], "X-Meta-A"));
}

TEST_F(RegistryClientTest, BearerTokenIsFetchedOnceForAScope) {
  std::string realm;
  ScriptedServer server([&realm](const std::string& head) {
    if (absl::StartsWith(head, "GET /token?")) {
      return Http("200 OK", R"({"token":"t0k","expires_in":300})");
    }
    if (!absl::StrContains(head, "Authorization: Bearer t0k")) {
      return Http("401 No\r\nWWW-Authenticate: Bearer realm=\"http://" + realm +
                  "/token\",service=\"s\"");
    }
    return Http("200 OK", "bytes");
  });
  realm = server.address();
  Identity joe(server.address(), {.username = "joe", .password = "pw"}, {});
  for (int i = 0; i < 2; ++i) {
    const auto manifest = client_.FetchManifest(
        joe, At(server), oci::Digest::Of("bytes"), never_);
    ASSERT_TRUE(manifest.ok()) << manifest.status();
  }
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 4u);  // Challenge, token, twice the manifest.
  EXPECT_TRUE(absl::StrContains(requests[1], "Basic am9lOnB3"));
  EXPECT_FALSE(absl::StrContains(requests[2], "Basic"));
}

TEST_F(RegistryClientTest, RegistryWithoutDigestHeaderIsAskedForTheBody) {
  ScriptedServer server([](const std::string&) {
    return Http("200 OK\r\nContent-Type: application/x", "bytes");
  });
  Identity nobody(server.address(), {}, {});
  const auto found = client_.Resolve(nobody, At(server), never_);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->digest, oci::Digest::Of("bytes"));
  EXPECT_EQ(found->size, 5);
}

TEST_F(RegistryClientTest, PagesAreCutOutOfWholeTagLists) {
  ScriptedServer server([](const std::string&) {
    return Http("200 OK", R"({"name":"a/b","tags":["a","b","c"]})");
  });
  Identity nobody(server.address(), {}, {});
  const auto first = client_.ListTags(nobody, At(server), 2, "", never_);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->next, "b");
  const auto second = client_.ListTags(nobody, At(server), 2, "b", never_);
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->tags, std::vector<std::string>{"c"});
  EXPECT_EQ(second->next, "");
}

TEST_F(RegistryClientTest, UnreachableRegistryNamesTheCause) {
  std::string address;
  {
    address = ScriptedServer([](const auto&) { return ""; }).address();
  }
  Identity nobody(address, {}, {});
  const auto found =
      client_.Resolve(nobody, *oci::ParseReference(address + "/a:t"), never_);
  EXPECT_EQ(StatusReason(found.status()), "REGISTRY_UNREACHABLE");
  EXPECT_EQ(StatusMetadata(found.status())["cause"], "connection refused");
  EXPECT_EQ(StatusMetadata(found.status())["address"], address);
}

}  // namespace
}  // namespace tug::registryd
