// SPDX-License-Identifier: Apache-2.0
//
// What went wrong in a service, in Docker's words. Clients choose by these
// texts (docker run pulls on "No such image", exits 127 on "executable file
// not found"), so they are kept to the letter.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/gatewayd/server/docker_error.h"

namespace tug::gatewayd {

// The answer for `status` by its reason, or ToHttpError(status) when the
// reason is not in the table. `subject` is what the user named. An ErrorTable.
HttpError TranslateError(const absl::Status& status, absl::string_view subject);

// "debian" becomes "debian:latest", as Docker names an image in errors.
std::string FamiliarImageName(absl::string_view name);

}  // namespace tug::gatewayd
