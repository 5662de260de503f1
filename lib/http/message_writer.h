// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "lib/http/message.h"

namespace tug::http {

// The standard phrase; "status code N" for an unknown number.
std::string_view ReasonPhrase(int status);

// Whether a response of this status never has a body.
bool IsBodiless(int status);

// "Date" header value of now; cached for a second.
std::string_view HttpDate();

// Status line and header of a response, up to and with the empty line.
// INVALID_ARGUMENT for control characters in names or values: a value from
// outside must not make a second header.
absl::StatusOr<std::string> FormatResponseHead(const ResponseHead& head);

// The same of a request.
absl::StatusOr<std::string> FormatRequestHead(std::string_view method,
                                              std::string_view target,
                                              const Headers& headers);

// "1a\r\n", before a chunk of `size` bytes; "\r\n" follows the chunk.
std::string ChunkHeader(size_t size);
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

}  // namespace tug::http
