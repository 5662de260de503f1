// SPDX-License-Identifier: Apache-2.0
//
// Incremental parsers of HTTP/1.x messages. They hold no input: the caller
// keeps bytes that were not consumed and offers them again with more behind.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/http/message.h"

namespace tug::http {

// What one step over a body did.
struct BodyStep {
  size_t consumed = 0;
  size_t produced = 0;
};

// Parses one message's framing. Errors are INVALID_ARGUMENT (malformed,
// ambiguous framing) or RESOURCE_EXHAUSTED (header too long); after one the
// parser must not be used again.
class MessageParser {
 public:
  virtual ~MessageParser() = default;

  // Offers everything read so far; answers the bytes of the whole header once
  // it is complete, 0 while more is needed.
  virtual absl::StatusOr<size_t> ParseHead(std::string_view bytes) = 0;

  // Decodes body bytes into `out`. No progress and no error: more is needed.
  virtual absl::StatusOr<BodyStep> ParseBody(std::string_view bytes, char* out,
                                             size_t size) = 0;
  // The peer has closed. INVALID_ARGUMENT if the message was cut off.
  virtual absl::Status ParseEof() = 0;

  // Bytes of the body that are still to come, if the message says it.
  virtual std::optional<uint64_t> remaining() const = 0;
  // Header and body are complete.
  virtual bool done() const = 0;
  // The connection can carry another message.
  virtual bool keep_alive() const = 0;
};

class RequestParser : public MessageParser {
 public:
  virtual const RequestHead& head() const = 0;
};

class ResponseParser : public MessageParser {
 public:
  virtual const ResponseHead& head() const = 0;
};

std::unique_ptr<RequestParser> NewRequestParser(size_t max_header_bytes);
// `no_body`: the answer to a HEAD.
std::unique_ptr<ResponseParser> NewResponseParser(size_t max_header_bytes,
                                                  bool no_body);

}  // namespace tug::http
