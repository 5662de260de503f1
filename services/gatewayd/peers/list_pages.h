// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <type_traits>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tug::gatewayd {

// Reads a list to its end and hands over page after page; a page has the size
// that the service gave it, so nothing depends on how large one answer may be.
// Ends with the first error, also that of `on_page`.
template <typename Client, typename Request, typename Response>
absl::Status ReadPages(
    Client& client,
    absl::StatusOr<Response> (Client::*list)(const Request& request),
    std::type_identity_t<Request> request,
    std::type_identity_t<absl::FunctionRef<absl::Status(Response& page)>>
        on_page) {
  for (;;) {
    absl::StatusOr<Response> page = (client.*list)(request);
    if (!page.ok()) return page.status();
    const absl::Status taken = on_page(*page);
    if (!taken.ok()) return taken;
    if (page->next_page_token().empty()) return absl::OkStatus();
    if (page->next_page_token() == request.page_token()) {
      return absl::InternalError("a list does not advance");
    }
    request.set_page_token(page->next_page_token());
  }
}

}  // namespace tug::gatewayd
