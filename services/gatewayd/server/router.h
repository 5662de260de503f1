// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "lib/http/server.h"
#include "services/gatewayd/server/docker_error.h"
#include "services/gatewayd/server/route.h"

namespace tug::gatewayd {

// Finds the route of a request, runs its handler and answers its failures.
//
// Thread-safe once made; `errors` and the routes' handlers must be, too.
class Router {
 public:
  Router(std::vector<Route> routes, ErrorTable errors);

  // The http::Handler of the gateway.
  void Serve(http::Exchange& exchange) const;

  // Every route, for tests that compare them with Docker's list.
  const std::vector<Route>& routes() const { return routes_; }

 private:
  struct Match {
    const Route* route;
    std::string parameter;
  };
  // Parts of a pattern around its parameter.
  struct Pattern {
    std::string prefix;
    std::string suffix;
    size_t route;
  };

  std::optional<Match> Find(const std::string& method,
                            const std::string& path) const;
  absl::Status Run(http::Exchange& exchange, std::string& subject) const;
  void Answer(http::Exchange& exchange, const absl::Status& status,
              const std::string& subject) const;

  const std::vector<Route> routes_;
  const ErrorTable errors_;
  // Key: "GET /containers/json".
  std::unordered_map<std::string, size_t> literal_;
  // By method, in table order.
  std::unordered_map<std::string, std::vector<Pattern>> patterns_;
};

}  // namespace tug::gatewayd
