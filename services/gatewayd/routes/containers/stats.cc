// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "boost/json/object.hpp"
#include "lib/base/status_macros.h"
#include "services/gatewayd/routes/containers/handlers.h"
#include "services/gatewayd/routes/containers/stats_json.h"

namespace tug::gatewayd {
namespace {

using runtime::v1::ContainerStats;

absl::Status StreamStats(const ContainerParts& parts, RequestContext& context,
                         const runtime::v1::WatchStatsRequest& request) {
  std::optional<ContainerStats> previous;
  return parts.peers.containers.WatchStats(
      request, &context.client_gone(),
      [&](const ContainerStats& stats) -> absl::Status {
        if (!context.exchange().responded()) {
          RETURN_IF_ERROR(context.exchange().StartStream(
              context.NewHead(200, "application/json")));
        }
        const auto object =
            EncodeStats(stats, previous.has_value() ? &*previous : nullptr,
                        context.version());
        previous = stats;
        return context.exchange().WriteSome(ToDockerJson(object) + "\n");
      });
}

// Ends the watch once enough has been read.
absl::Status Enough() { return absl::AbortedError("enough samples"); }

// One sample, with the one before it unless `one_shot`.
absl::Status AnswerOnce(const ContainerParts& parts, RequestContext& context,
                        const runtime::v1::WatchStatsRequest& request) {
  std::optional<ContainerStats> previous, last;
  const bool two = request.stream();
  const absl::Status watched = parts.peers.containers.WatchStats(
      request, &context.client_gone(), [&](const ContainerStats& stats) {
        if (last.has_value()) previous = std::move(last);
        last = stats;
        const bool enough = !two || previous.has_value() || !stats.running();
        return enough ? Enough() : absl::OkStatus();
      });
  if (!last.has_value()) return watched;
  return context.RespondJson(
      200, EncodeStats(*last, previous.has_value() ? &*previous : nullptr,
                       context.version()));
}

}  // namespace

absl::Status Stats(const ContainerParts& parts, RequestContext& context) {
  ASSIGN_OR_RETURN(const auto container, FindContainer(parts, context));
  runtime::v1::WatchStatsRequest request;
  request.set_id(container.id());
  const bool stream = context.QueryBool("stream", /*fallback=*/true);
  request.set_stream(stream || !context.QueryBool("one-shot"));
  return stream ? StreamStats(parts, context, request)
                : AnswerOnce(parts, context, request);
}

}  // namespace tug::gatewayd
