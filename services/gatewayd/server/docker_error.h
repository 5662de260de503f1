// SPDX-License-Identifier: Apache-2.0
//
// From absl::Status to what Docker's clients understand: an HTTP status and
// {"message": text}.
#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace tug::gatewayd {

// What a client sees of a failure.
struct HttpError {
  int status = 500;
  std::string message;
};

// A status that is answered as it stands: `http_status` and `message`. For
// texts that only the gateway knows ("page not found").
absl::Status DockerError(int http_status, absl::string_view message);

// The answer that DockerError stored, else the one of the canonical code with
// the status's own message (INVALID_ARGUMENT 400, NOT_FOUND 404, ...).
HttpError ToHttpError(const absl::Status& status);

// The table of reasons (translate/errors.h). `subject` is what the user named:
// RequestContext::subject.
using ErrorTable = std::function<HttpError(const absl::Status& status,
                                           absl::string_view subject)>;

}  // namespace tug::gatewayd
