// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstring>
#include <functional>
#include <string>
#include <utility>

#include "lib/http/server.h"

namespace tug::gatewayd {

// An exchange without a connection: the request is given, the response kept.
class FakeExchange final : public http::Exchange {
 public:
  FakeExchange(std::string method, std::string target, std::string body = "") {
    head_.method = std::move(method);
    head_.target = std::move(target);
    const size_t question = head_.target.find('?');
    head_.path = head_.target.substr(0, question);
    if (question != std::string::npos) {
      head_.query = http::Query(head_.target.substr(question + 1));
    }
    if (!body.empty()) {
      head_.headers.Add("Content-Type", "application/json");
      head_.headers.Add("Content-Length", std::to_string(body.size()));
    }
    body_ = std::move(body);
  }

  const http::RequestHead& head() const override { return head_; }
  http::RequestHead& mutable_head() { return head_; }
  absl::StatusOr<std::string> ReadBody(size_t limit) override {
    if (body_.size() > limit) return absl::InvalidArgumentError("too long");
    return body_;
  }
  absl::StatusOr<size_t> ReadSome(char* buffer, size_t size) override {
    const size_t count = std::min(size, body_.size());
    std::memcpy(buffer, body_.data(), count);
    body_.erase(0, count);
    return count;
  }
  bool AwaitBody(int) override { return true; }
  absl::Status Respond(http::ResponseHead head,
                       std::string_view body) override {
    responded_ = true;
    response_head_ = std::move(head);
    response_body_ = std::string(body);
    return absl::OkStatus();
  }
  absl::Status StartStream(http::ResponseHead head) override {
    return Respond(std::move(head), "");
  }
  absl::Status WriteSome(std::string_view bytes) override {
    response_body_ += std::string(bytes);
    return absl::OkStatus();
  }
  bool responded() const override { return responded_; }
  absl::StatusOr<Raw> Hijack(http::ResponseHead) override {
    return absl::UnimplementedError("no connection to take over");
  }
  int socket() const override { return -1; }
  void WatchDisconnect(std::function<void()>) override {}
  void StopWatching() override {}
  int peer_uid() const override { return 0; }

  int status() const { return response_head_.status; }
  const http::ResponseHead& response_head() const { return response_head_; }
  const std::string& response_body() const { return response_body_; }

 private:
  http::RequestHead head_;
  std::string body_;
  bool responded_ = false;
  http::ResponseHead response_head_;
  std::string response_body_;
};

}  // namespace tug::gatewayd
