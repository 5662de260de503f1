// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/translate/status_prose.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/gatewayd/translate/times.h"

namespace tug::gatewayd {
namespace {

using runtime::v1::Container;

constexpr int64_t kHoursPerDay = 24;
constexpr int64_t kHoursPerWeek = kHoursPerDay * 7;
constexpr int64_t kHoursPerMonth = kHoursPerDay * 30;
constexpr int64_t kHoursPerYear = kHoursPerDay * 365;

std::string UpProse(const Container& container, absl::Time now) {
  const std::string up =
      absl::StrCat("Up ", HumanDuration(now - ToTime(container.started_at())));
  if (container.state() == runtime::v1::CONTAINER_STATE_PAUSED) {
    return absl::StrCat(up, " (Paused)");
  }
  const std::string& health = container.health().state();
  if (health == "starting") return absl::StrCat(up, " (health: starting)");
  if (health.empty() || health == "none") return up;
  return absl::StrCat(up, " (", health, ")");
}

std::string AgoProse(absl::string_view word, const Container& container,
                     absl::Time now) {
  return absl::StrCat(word, " (", container.exit_code(), ") ",
                      HumanDuration(now - ToTime(container.finished_at())),
                      " ago");
}

}  // namespace

absl::string_view StateWord(runtime::v1::ContainerState state) {
  switch (state) {
    case runtime::v1::CONTAINER_STATE_RUNNING:
      return "running";
    case runtime::v1::CONTAINER_STATE_PAUSED:
      return "paused";
    case runtime::v1::CONTAINER_STATE_RESTARTING:
      return "restarting";
    case runtime::v1::CONTAINER_STATE_EXITED:
      return "exited";
    case runtime::v1::CONTAINER_STATE_REMOVING:
      return "removing";
    default:
      return "created";
  }
}

std::string StatusProse(const Container& container, absl::Time now) {
  switch (container.state()) {
    case runtime::v1::CONTAINER_STATE_RUNNING:
    case runtime::v1::CONTAINER_STATE_PAUSED:
      return UpProse(container, now);
    case runtime::v1::CONTAINER_STATE_RESTARTING:
      return AgoProse("Restarting", container, now);
    case runtime::v1::CONTAINER_STATE_REMOVING:
      return "Removal In Progress";
    case runtime::v1::CONTAINER_STATE_EXITED:
      return AgoProse("Exited", container, now);
    default:
      return "Created";
  }
}

std::string HumanDuration(absl::Duration duration) {
  const int64_t seconds = absl::ToInt64Seconds(duration);
  if (seconds < 1) return "Less than a second";
  if (seconds == 1) return "1 second";
  if (seconds < 60) return absl::StrCat(seconds, " seconds");
  const int64_t minutes = absl::ToInt64Minutes(duration);
  if (minutes == 1) return "About a minute";
  if (minutes < 60) return absl::StrCat(minutes, " minutes");
  const int64_t hours = absl::ToInt64Hours(duration + absl::Minutes(30));
  if (hours == 1) return "About an hour";
  if (hours < kHoursPerDay * 2) return absl::StrCat(hours, " hours");
  if (hours < kHoursPerWeek * 2) {
    return absl::StrCat(hours / kHoursPerDay, " days");
  }
  if (hours < kHoursPerMonth * 2) {
    return absl::StrCat(hours / kHoursPerWeek, " weeks");
  }
  if (hours < kHoursPerYear * 2) {
    return absl::StrCat(hours / kHoursPerMonth, " months");
  }
  return absl::StrCat(absl::ToInt64Hours(duration) / kHoursPerYear, " years");
}

std::string HumanSize(int64_t bytes) {
  constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
  double size = static_cast<double>(bytes);
  size_t unit = 0;
  while (size >= 1000.0 && unit + 1 < std::size(kUnits)) {
    size /= 1000.0;
    ++unit;
  }
  return absl::StrFormat("%.4g%s", size, kUnits[unit]);
}

}  // namespace tug::gatewayd
