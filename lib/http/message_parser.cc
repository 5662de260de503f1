// SPDX-License-Identifier: Apache-2.0
//
// The only file that sees Beast: 20 s a translation unit.
#include "lib/http/message_parser.h"

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "boost/beast/http/buffer_body.hpp"
#include "boost/beast/http/parser.hpp"

namespace tug::http {
namespace {

namespace beast = boost::beast;

absl::string_view View(beast::string_view text) {
  return absl::string_view(text.data(), text.size());
}

std::string_view StdView(beast::string_view text) {
  return std::string_view(text.data(), text.size());
}

absl::Status ParseFailure(const boost::system::error_code& error) {
  const std::string text = absl::StrCat("malformed HTTP: ", error.message());
  if (error == beast::http::error::header_limit) {
    return absl::ResourceExhaustedError(text);
  }
  return absl::InvalidArgumentError(text);
}

void CopyFields(const beast::http::fields& from, Headers& to) {
  for (const auto& field : from) {
    to.Add(StdView(field.name_string()), StdView(field.value()));
  }
}

// Everything that two implementations could frame differently is refused.
absl::Status CheckFraming(const beast::http::fields& fields, unsigned version) {
  if (fields.count(beast::http::field::content_length) > 1) {
    return absl::InvalidArgumentError(
        "malformed HTTP: more than one Content-Length");
  }
  const auto transfer =
      fields.equal_range(beast::http::field::transfer_encoding);
  if (transfer.first == transfer.second) return absl::OkStatus();
  const bool single = std::next(transfer.first) == transfer.second;
  if (version < 11 || !single ||
      !absl::EqualsIgnoreCase(View(transfer.first->value()), "chunked") ||
      fields.count(beast::http::field::content_length) != 0) {
    return absl::InvalidArgumentError(
        "malformed HTTP: ambiguous Transfer-Encoding");
  }
  return absl::OkStatus();
}

// The path and query of a target in origin or absolute form.
void SplitTarget(RequestHead& head) {
  std::string_view rest = head.target;
  const size_t scheme = rest.find("://");
  if (!rest.empty() && rest[0] != '/' && scheme != rest.npos) {
    rest.remove_prefix(scheme + 3);
    const size_t slash = rest.find('/');
    rest = slash == rest.npos ? std::string_view("/") : rest.substr(slash);
  }
  const size_t question = rest.find('?');
  head.path = std::string(rest.substr(0, question));
  if (question != rest.npos) head.query = Query(rest.substr(question + 1));
}

// Shared by both directions; `Base` is RequestParser or ResponseParser.
template <bool kIsRequest, typename Base>
class BeastParser : public Base {
 public:
  explicit BeastParser(size_t max_header_bytes)
      : max_header_bytes_(max_header_bytes) {
    parser_.header_limit(static_cast<uint32_t>(max_header_bytes));
    parser_.body_limit(boost::none);
    parser_.eager(false);
  }

  absl::StatusOr<size_t> ParseHead(std::string_view bytes) final {
    boost::system::error_code error;
    const size_t used =
        parser_.put(boost::asio::const_buffer(bytes.data() + head_bytes_,
                                              bytes.size() - head_bytes_),
                    error);
    head_bytes_ += used;
    if (error && error != beast::http::error::need_more) {
      return ParseFailure(error);
    }
    if (!parser_.is_header_done()) return 0;
    // Beast does not count a start line that came in one read with the rest.
    if (head_bytes_ > max_header_bytes_) {
      return ParseFailure(beast::http::error::header_limit);
    }
    const auto& message = parser_.get();
    absl::Status framing = CheckFraming(message.base(), message.version());
    if (!framing.ok()) return framing;
    OnHead();
    return head_bytes_;
  }

  absl::StatusOr<BodyStep> ParseBody(std::string_view bytes, char* out,
                                     size_t size) final {
    BodyStep step;
    auto& body = parser_.get().body();
    body.data = out;
    body.size = size;
    body.more = true;
    while (!parser_.is_done() && body.size > 0 &&
           step.consumed < bytes.size()) {
      boost::system::error_code error;
      const size_t used =
          parser_.put(boost::asio::const_buffer(bytes.data() + step.consumed,
                                                bytes.size() - step.consumed),
                      error);
      step.consumed += used;
      if (error && error != beast::http::error::need_more &&
          error != beast::http::error::need_buffer) {
        return ParseFailure(error);
      }
      if (used == 0) break;
    }
    step.produced = size - body.size;
    return step;
  }

  absl::Status ParseEof() final {
    if (parser_.is_done()) return absl::OkStatus();
    boost::system::error_code error;
    parser_.put_eof(error);
    return error ? ParseFailure(error) : absl::OkStatus();
  }

  std::optional<uint64_t> remaining() const final {
    const auto remaining = parser_.content_length_remaining();
    if (!remaining) return std::nullopt;
    return *remaining;
  }
  bool done() const final { return parser_.is_done(); }
  bool keep_alive() const final { return parser_.keep_alive(); }

 protected:
  virtual void OnHead() = 0;

  beast::http::parser<kIsRequest, beast::http::buffer_body> parser_;
  const size_t max_header_bytes_;
  size_t head_bytes_ = 0;
};

class BeastRequestParser final : public BeastParser<true, RequestParser> {
 public:
  using BeastParser::BeastParser;
  const RequestHead& head() const override { return head_; }

 private:
  void OnHead() override {
    const auto& message = parser_.get();
    head_.method = std::string(StdView(message.method_string()));
    head_.target = std::string(StdView(message.target()));
    head_.minor_version = static_cast<int>(message.version() % 10);
    CopyFields(message.base(), head_.headers);
    SplitTarget(head_);
  }

  RequestHead head_;
};

class BeastResponseParser final : public BeastParser<false, ResponseParser> {
 public:
  BeastResponseParser(size_t max_header_bytes, bool no_body)
      : BeastParser(max_header_bytes) {
    parser_.skip(no_body);
  }
  const ResponseHead& head() const override { return head_; }

 private:
  void OnHead() override {
    const auto& message = parser_.get();
    head_.status = static_cast<int>(message.result_int());
    head_.reason = std::string(StdView(message.reason()));
    CopyFields(message.base(), head_.headers);
  }

  ResponseHead head_;
};

}  // namespace

std::unique_ptr<RequestParser> NewRequestParser(size_t max_header_bytes) {
  return std::make_unique<BeastRequestParser>(max_header_bytes);
}

std::unique_ptr<ResponseParser> NewResponseParser(size_t max_header_bytes,
                                                  bool no_body) {
  return std::make_unique<BeastResponseParser>(max_header_bytes, no_body);
}

}  // namespace tug::http
