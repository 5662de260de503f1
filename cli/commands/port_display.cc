// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/port_display.h"

#include <algorithm>
#include <tuple>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/format/json_text.h"

namespace tug::cli {
namespace {

struct Port {
  int64_t inner;
  std::string ip;
  int64_t outer;  // 0: not published.
  std::string protocol;

  auto order() const { return std::tie(inner, ip, outer, protocol); }
};

// Ports that follow each other inside and outside.
struct Run {
  Port first;
  Port last;
};

bool Continues(const Run& run, const Port& port) {
  return run.last.ip == port.ip && run.last.protocol == port.protocol &&
         port.inner == run.last.inner + 1 &&
         (port.outer == 0) == (run.last.outer == 0) &&
         (port.outer == 0 || port.outer == run.last.outer + 1);
}

std::string Range(int64_t first, int64_t last) {
  return first == last ? absl::StrCat(first) : absl::StrCat(first, "-", last);
}

std::string Show(const Run& run) {
  const std::string inner = absl::StrCat(Range(run.first.inner, run.last.inner),
                                         "/", run.first.protocol);
  if (run.first.outer == 0) return inner;
  const std::string& ip = run.first.ip;
  return absl::StrCat(
      absl::StrContains(ip, ":") ? absl::StrCat("[", ip, "]") : ip, ":",
      Range(run.first.outer, run.last.outer), "->", inner);
}

}  // namespace

std::string DisplayPorts(const boost::json::array& ports) {
  std::vector<Port> sorted;
  for (const boost::json::value& port : ports) {
    sorted.push_back({IntMember(port, "PrivatePort"), StringMember(port, "IP"),
                      IntMember(port, "PublicPort"),
                      StringMember(port, "Type")});
  }
  std::sort(sorted.begin(), sorted.end(),
            [](const Port& a, const Port& b) { return a.order() < b.order(); });
  std::vector<Run> runs;
  for (const Port& port : sorted) {
    const auto found =
        std::find_if(runs.begin(), runs.end(),
                     [&port](const Run& run) { return Continues(run, port); });
    if (found != runs.end()) {
      found->last = port;
    } else {
      runs.push_back({port, port});
    }
  }
  return absl::StrJoin(runs, ", ", [](std::string* out, const Run& run) {
    out->append(Show(run));
  });
}

}  // namespace tug::cli
