// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "boost/json/value.hpp"
#include "lib/http/message.h"
#include "lib/http/server.h"
#include "services/gatewayd/server/api_version.h"
#include "services/gatewayd/server/cancellation.h"

namespace tug::gatewayd {

// Largest JSON body of a request: 16 MiB, as with Docker. What a body may ask
// for has limits of its own, which are smaller.
inline constexpr size_t kMaxJsonBody = 16 << 20;

// One request as a route's handler sees it: the exchange plus Docker's habits.
// Valid during the handler's call; not thread-safe.
class RequestContext {
 public:
  // `parameter` is what stood for {name} in the route's pattern, decoded.
  RequestContext(http::Exchange& exchange, ApiVersion version,
                 std::string parameter)
      : subject(parameter),
        exchange_(exchange),
        version_(version),
        parameter_(std::move(parameter)) {}
  ~RequestContext();
  RequestContext(const RequestContext&) = delete;
  RequestContext& operator=(const RequestContext&) = delete;

  http::Exchange& exchange() { return exchange_; }
  const http::RequestHead& head() const { return exchange_.head(); }
  const http::Query& query() const { return exchange_.head().query; }
  ApiVersion version() const { return version_; }
  const std::string& parameter() const { return parameter_; }

  // What an error text names ("No such image: <subject>"); the parameter
  // unless the handler sets something better.
  std::string subject;

  // Docker's truth: absent is `fallback`; "", 0, no, false, none (any case)
  // are false, all else is true.
  bool QueryBool(absl::string_view name, bool fallback = false) const;
  // Absent or empty: `fallback`. INVALID_ARGUMENT with Go's words for anything
  // but a decimal number.
  absl::StatusOr<int64_t> QueryInt(absl::string_view name,
                                   int64_t fallback) const;

  // The body as JSON; nullopt when there is none. INVALID_ARGUMENT (Docker's
  // texts): another Content-Type than application/json, malformed, trailing
  // bytes, too long, too deep.
  absl::StatusOr<std::optional<boost::json::value>> ReadJsonBody();

  // Answers with JSON in Docker's style: no HTML escapes, a newline at the end.
  absl::Status RespondJson(int status, const boost::json::value& value);
  // Answers without a body (200, 201, 204, 304).
  absl::Status RespondEmpty(int status);
  // Answers with `body` as it stands.
  absl::Status RespondText(int status, absl::string_view content_type,
                           absl::string_view body);

  // A response head that carries the headers of every response (Server,
  // Api-Version, ...); for StartStream and Hijack.
  http::ResponseHead NewHead(int status, absl::string_view content_type);

  // Cancelled when the client leaves; hand it to calls that should end then
  // (pull, logs, events), not to those that must go on (stop, remove).
  Cancellation& client_gone();

 private:
  http::Exchange& exchange_;
  const ApiVersion version_;
  const std::string parameter_;
  Cancellation client_gone_;
  bool watching_ = false;
};

// Adds the headers of every response: Server, Api-Version, Ostype,
// Docker-Experimental.
void AddStandardHeaders(http::ResponseHead& head);

// JSON text in Docker's style, without the newline.
std::string ToDockerJson(const boost::json::value& value);

// A streamed response of JSON objects, each followed by CRLF and flushed.
// Nothing is sent before the first Write or Start, so that an error before it
// can still be a real status code.
class JsonLines {
 public:
  explicit JsonLines(RequestContext& context,
                     std::string content_type = "application/json")
      : context_(context), content_type_(std::move(content_type)) {}

  absl::Status Start();
  // CANCELLED when the client has left.
  absl::Status Write(const boost::json::value& value);
  bool started() const { return started_; }

 private:
  RequestContext& context_;
  const std::string content_type_;
  bool started_ = false;
};

}  // namespace tug::gatewayd
