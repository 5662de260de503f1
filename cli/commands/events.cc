// SPDX-License-Identifier: Apache-2.0
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "cli/commands/command.h"
#include "cli/commands/output.h"
#include "cli/format/json_text.h"
#include "cli/format/template.h"
#include "cli/options/byte_size.h"
#include "lib/base/status_macros.h"

namespace tug::cli {
namespace {

namespace json = boost::json;

// Names and labels must not forge a line of the output.
std::string OneLine(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return text;
}

std::string Describe(const json::value& event) {
  const absl::Time time = absl::FromUnixNanos(IntMember(event, "timeNano"));
  const json::value& actor = Member(event, "Actor");
  std::map<std::string, std::string> attributes;
  for (const auto& pair : ObjectMember(actor, "Attributes")) {
    attributes[std::string(pair.key())] =
        pair.value().is_string() ? std::string(pair.value().get_string()) : "";
  }
  std::string stamp =
      absl::FormatTime("%Y-%m-%dT%H:%M:%E9S%Ez", time, absl::LocalTimeZone());
  absl::string_view zone = stamp;
  if (absl::ConsumeSuffix(&zone, "+00:00")) stamp = absl::StrCat(zone, "Z");
  std::string text = absl::StrCat(stamp, " ", StringMember(event, "Type"), " ",
                                  StringMember(event, "Action"), " ",
                                  StringMember(actor, "ID"));
  if (!attributes.empty()) {
    absl::StrAppend(&text, " (",
                    absl::StrJoin(attributes, ", ", absl::PairFormatter("=")),
                    ")");
  }
  return OneLine(std::move(text));
}

class EventsCommand final : public Command {
 public:
  void AddFlags(FlagSet& flags) override {
    flags.List('f', "filter", &filters_, "Filter output");
    flags.String(0, "format", &format_, "Format output");
    flags.String(0, "since", &since_, "Show events since a time");
    flags.String(0, "until", &until_, "Stream events until a time");
  }

  absl::StatusOr<int> Run(const Engine& engine,
                          const std::vector<std::string>& words) override {
    ASSIGN_OR_RETURN(const Path path, Request());
    const bool as_json = format_ == "json" || format_ == "{{json .}}";
    ASSIGN_OR_RETURN(const Template parsed,
                     Template::Parse(as_json ? "" : format_));
    LineSplitter lines([&](absl::string_view line) -> absl::Status {
      json::error_code error;
      const json::value event = json::parse({line.data(), line.size()}, error);
      if (error) return absl::InternalError("the engine sent no JSON");
      if (as_json) {
        PrintLine(CompactJson(event));
      } else if (format_.empty()) {
        PrintLine(Describe(event));
      } else {
        ASSIGN_OR_RETURN(const std::string text, parsed.Execute(event));
        PrintLine(text);
      }
      return absl::OkStatus();
    });
    RETURN_IF_ERROR(engine.Stream(
        "GET", path, {}, nullptr,
        [&lines](absl::string_view bytes) { return lines.Feed(bytes); }));
    RETURN_IF_ERROR(lines.Finish());
    return 0;
  }

 private:
  absl::StatusOr<Path> Request() const {
    Path path("/events");
    if (!since_.empty()) {
      ASSIGN_OR_RETURN(const std::string since,
                       ParseMoment(since_, absl::Now()));
      path.Query("since", since);
    }
    if (!until_.empty()) {
      ASSIGN_OR_RETURN(const std::string until,
                       ParseMoment(until_, absl::Now()));
      path.Query("until", until);
    }
    ASSIGN_OR_RETURN(const std::string filters, EncodeFilters(filters_));
    if (!filters.empty()) path.Query("filters", filters);
    return path;
  }

  std::vector<std::string> filters_;
  std::string format_;
  std::string since_;
  std::string until_;
};

}  // namespace

std::unique_ptr<Command> NewEventsCommand() {
  return std::make_unique<EventsCommand>();
}

}  // namespace tug::cli
