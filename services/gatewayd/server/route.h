// SPDX-License-Identifier: Apache-2.0
//
// A resource of the API is a table of Routes, made by one function per folder:
//   routes/containers/: std::vector<Route> ContainerRoutes(...)
//   routes/images/:     std::vector<Route> ImageRoutes(...)     and so on.
#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "services/gatewayd/server/api_version.h"
#include "services/gatewayd/server/request_context.h"

namespace tug::gatewayd {

// Answers one request. A failed status becomes Docker's error answer when
// nothing has been sent yet (RequestContext::exchange().responded()), and is
// logged otherwise. Runs on many threads at once; may block.
using RouteHandler = std::function<absl::Status(RequestContext&)>;

struct Route {
  // "GET" also serves HEAD only where a HEAD route says so.
  std::string method;
  // "/images/{name}/json": at most one {}, which matches any text that is not
  // empty, slashes included, after percent-decoding. Literal routes win over
  // those with a parameter, earlier ones over later ones.
  std::string pattern;
  // Versions below it answer 404 "page not found".
  ApiVersion first_version;
  RouteHandler handler;
};

}  // namespace tug::gatewayd
