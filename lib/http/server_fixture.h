// SPDX-License-Identifier: Apache-2.0
//
// A server of this process for the tests of lib/http, and clients that send
// bytes as they stand.
#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <utility>

#include "lib/http/client.h"
#include "lib/http/server.h"
#include "lib/sys/unique_fd.h"

namespace tug::http {

inline constexpr size_t kMaxConnections = 8;

// A server on an abstract-free socket in a directory of its own.
class ServerTest : public testing::Test {
 protected:
  void Start(Handler handler, Admission admits = nullptr) {
    char directory[] = "/tmp/tug-http-XXXXXX";
    ASSERT_NE(::mkdtemp(directory), nullptr);
    directory_ = directory;
    path_ = directory_ + "/s";
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    path_.copy(address.sun_path, sizeof(address.sun_path) - 1);
    UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address),
                     sizeof(address)),
              0);
    ASSERT_EQ(::listen(listener.get(), 16), 0);
    ServerLimits limits;
    limits.header_timeout = absl::Milliseconds(200);
    limits.max_connections = kMaxConnections;
    limits.spare_connections = 2;
    limits.is_cheap = [](const RequestHead& head) {
      return head.path == "/_ping";
    };
    limits.body_timeout = absl::Milliseconds(300);
    server_ = NewServer(limits, std::move(handler), std::move(admits));
    ASSERT_TRUE(server_->AddListener(std::move(listener)).ok());
  }

  void TearDown() override {
    server_.reset();
    ::unlink(path_.c_str());
    ::rmdir(directory_.c_str());
  }

  std::unique_ptr<Client> NewTestClient() {
    return *NewClient("unix://" + path_);
  }

  UniqueFd Connect(const std::string& first_bytes) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    path_.copy(address.sun_path, sizeof(address.sun_path) - 1);
    UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::connect(fd.get(), reinterpret_cast<sockaddr*>(&address),
                        sizeof(address)),
              0);
    EXPECT_EQ(
        ::send(fd.get(), first_bytes.data(), first_bytes.size(), MSG_NOSIGNAL),
        static_cast<ssize_t>(first_bytes.size()));
    return fd;
  }

  // Sends bytes as they stand, half-closes, reads everything.
  std::string Raw(const std::string& bytes, bool half_close = true) {
    const UniqueFd fd = Connect(bytes);
    if (half_close) ::shutdown(fd.get(), SHUT_WR);
    std::string answer;
    char buffer[4096];
    ssize_t size;
    while ((size = ::read(fd.get(), buffer, sizeof(buffer))) > 0) {
      answer.append(buffer, size);
    }
    return answer;
  }

  std::string directory_;
  std::string path_;
  std::unique_ptr<Server> server_;
};

inline void Echo(Exchange& exchange) {
  const auto body = exchange.ReadBody(1000);
  ResponseHead head;
  if (!body.ok()) head.status = 400;
  (void)exchange.Respond(head, body.ok()
                                   ? exchange.head().method + *body
                                   : std::string(body.status().message()));
}

inline int CountOf(const std::string& text, const std::string& part) {
  int count = 0;
  for (size_t at = text.find(part); at != text.npos;
       at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

}  // namespace tug::http
