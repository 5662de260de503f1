// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/operations/named_error.h"

#include "absl/strings/str_cat.h"
#include "services/gatewayd/server/docker_error.h"
#include "services/gatewayd/translate/errors.h"

namespace tug::gatewayd {

absl::Status NamedError(const absl::Status& status, absl::string_view subject,
                        absl::string_view prefix) {
  if (status.ok()) return status;
  const HttpError error = TranslateError(status, subject);
  return DockerError(error.status, absl::StrCat(prefix, error.message));
}

}  // namespace tug::gatewayd
