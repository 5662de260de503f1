// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/status_macros.h"
#include "services/gatewayd/events/event_feed.h"
#include "services/gatewayd/routes/system/handlers.h"
#include "services/gatewayd/server/docker_error.h"
#include "services/gatewayd/translate/event_json.h"
#include "services/gatewayd/translate/filters.h"
#include "services/gatewayd/translate/times.h"

namespace tug::gatewayd {
namespace {

// From when to when; absent ends are open.
struct Span {
  std::optional<absl::Time> since;
  std::optional<absl::Time> until;
};

absl::StatusOr<std::optional<absl::Time>> ReadTime(
    const RequestContext& context, const char* name) {
  using Result = std::optional<absl::Time>;
  const std::string text = context.query().Get(name);
  if (text.empty()) return Result();
  const absl::StatusOr<absl::Time> time = ParseTimestamp(text, absl::Now());
  if (!time.ok()) {
    return DockerError(400, absl::StrCat("invalid value for '", name,
                                         "': invalid timestamp \"", text,
                                         "\": ", time.status().message()));
  }
  return Result(*time);
}

absl::StatusOr<Span> ReadSpan(const RequestContext& context) {
  Span span;
  ASSIGN_OR_RETURN(span.since, ReadTime(context, "since"));
  ASSIGN_OR_RETURN(span.until, ReadTime(context, "until"));
  if (span.since.has_value() && span.until.has_value() &&
      *span.since > *span.until) {
    return DockerError(
        400, absl::StrCat("`since` time (", context.query().Get("since"),
                          ") cannot be after `until` time (",
                          context.query().Get("until"), ")"));
  }
  return span;
}

// How lines are separated, by what the client accepts.
struct Format {
  const char* content_type;
  const char* before;
};

// The first type that the client names and that we write, on every version.
// As with Docker it must stand alone, without parameters.
Format ChooseFormat(const RequestContext& context) {
  static constexpr Format kFormats[] = {{"application/json-seq", "\x1e"},
                                        {"application/x-ndjson", ""},
                                        {"application/jsonl", ""}};
  const std::string_view accept = context.head().headers.Get("Accept");
  for (absl::string_view type :
       absl::StrSplit(absl::string_view(accept.data(), accept.size()), ',')) {
    for (const Format& format : kFormats) {
      if (absl::StripAsciiWhitespace(type) == format.content_type) {
        return format;
      }
    }
  }
  if (context.version() < ApiVersion{1, 52}) return {"application/json", ""};
  return {"application/jsonl", ""};
}

absl::Status Send(RequestContext& context, const Format& format,
                  const event::v1::Event& event) {
  return context.exchange().WriteSome(
      absl::StrCat(format.before,
                   ToDockerJson(EncodeEvent(event, context.version())), "\n"));
}

}  // namespace

absl::Status Events(const SystemParts& parts, RequestContext& context) {
  ASSIGN_OR_RETURN(const Span span, ReadSpan(context));
  ASSIGN_OR_RETURN(const Filters filters,
                   Filters::Parse(context.query().Get("filters"), {}));
  const Format format = ChooseFormat(context);
  const absl::Time since = span.since.value_or(absl::Now());
  const absl::Time until = span.until.value_or(absl::InfiniteFuture());
  const auto send = [&](const event::v1::Event& event) {
    const absl::Time time = ToTime(event.time());
    if (time < since || time > until || !EventMatches(filters, event)) {
      return absl::OkStatus();
    }
    return Send(context, format, event);
  };
  EventFeed::Reader reader(parts.events, span.since.has_value());
  ScopedCancelCallback cancel(&context.client_gone(), [&] { reader.Cancel(); });
  // Clients wait for the head to know that nothing after it is missed.
  RETURN_IF_ERROR(context.exchange().StartStream(
      context.NewHead(200, format.content_type)));
  for (const EventFeed::EventPtr& event : reader.TakeKept()) {
    RETURN_IF_ERROR(send(*event));
  }
  for (;;) {
    ASSIGN_OR_RETURN(const EventFeed::EventPtr event, reader.Next(until));
    if (event == nullptr) return absl::OkStatus();
    RETURN_IF_ERROR(send(*event));
  }
}

}  // namespace tug::gatewayd
