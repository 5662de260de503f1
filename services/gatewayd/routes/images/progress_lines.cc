// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/routes/images/progress_lines.h"

#include <string>
#include <utility>

#include "absl/strings/strip.h"
#include "lib/base/id.h"
#include "services/gatewayd/translate/errors.h"
#include "services/gatewayd/translate/json_codec.h"

namespace tug::gatewayd {
namespace {

namespace json = boost::json;
using image::v1::LayerProgress;

json::object Counted(const LayerProgress& progress) {
  json::object detail;
  if (progress.current() > 0) detail["current"] = progress.current();
  if (progress.total() > 0) detail["total"] = progress.total();
  return detail;
}

// Ends the counting of clients that draw bars.
json::object HiddenCounts() { return {{"hidecounts", true}}; }

json::object Line(absl::string_view status, json::object detail,
                  const LayerProgress& progress) {
  json::object line;
  line["status"] = ToJsonView(status);
  line["progressDetail"] = std::move(detail);
  line["id"] =
      ToJsonView(ShortId(absl::StripPrefix(progress.digest(), "sha256:")));
  return line;
}

}  // namespace

json::object StatusLine(absl::string_view status) {
  json::object line;
  line["status"] = ToJsonView(status);
  return line;
}

json::object LayerLine(const LayerProgress& progress) {
  switch (progress.state()) {
    case LayerProgress::PENDING:
      return Line("Pulling fs layer", {}, progress);
    case LayerProgress::ALREADY_EXISTS:
      return Line("Already exists", {}, progress);
    case LayerProgress::DOWNLOADING:
      return Line("Downloading", Counted(progress), progress);
    case LayerProgress::DOWNLOADED:
      return Line("Download complete", HiddenCounts(), progress);
    case LayerProgress::EXTRACTING:
      return Line("Extracting", Counted(progress), progress);
    case LayerProgress::COMPLETE:
      return Line("Pull complete", HiddenCounts(), progress);
    default:
      return {};
  }
}

std::vector<json::object> LayerLines::Take(const LayerProgress& layer) {
  const bool moves = layer.state() != LayerProgress::PENDING &&
                     layer.state() != LayerProgress::ALREADY_EXISTS;
  if (!moving_ && !moves) {
    for (LayerProgress& held : held_) {
      if (held.digest() != layer.digest()) continue;
      held = layer;
      return {};
    }
    held_.push_back(layer);
    return {};
  }
  std::vector<json::object> lines = Flush();
  moving_ = true;
  json::object line = LayerLine(layer);
  if (!line.empty()) lines.push_back(std::move(line));
  return lines;
}

std::vector<json::object> LayerLines::Flush() {
  std::vector<json::object> lines;
  for (const LayerProgress& layer : held_) lines.push_back(LayerLine(layer));
  held_.clear();
  return lines;
}

json::object ErrorLine(absl::string_view message) {
  json::object line;
  line["error"] = ToJsonView(message);
  line["errorDetail"] = json::object{{"message", ToJsonView(message)}};
  return line;
}

absl::Status FinishWithError(JsonLines& lines, RequestContext& context,
                             const absl::Status& status) {
  if (status.ok() || !lines.started() || absl::IsCancelled(status)) {
    return status;
  }
  return lines.Write(
      ErrorLine(TranslateError(status, context.subject).message));
}

}  // namespace tug::gatewayd
