// SPDX-License-Identifier: Apache-2.0
#include "lib/confine/service_tag.h"

#include <grp.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"

namespace tug {
namespace {

// "tug" and a number: far above the groups that hosts and containers use.
constexpr gid_t kFirstTag = 0x74756700;

struct Tag {
  absl::string_view service;
  gid_t group;
};
constexpr Tag kTags[] = {
    {"imaged", kFirstTag + 1},
    {"netd", kFirstTag + 2},
    {"volumed", kFirstTag + 3},
    {"registryd", kFirstTag + 4},
};

}  // namespace

std::optional<gid_t> TagOfService(absl::string_view service) {
  for (const Tag& tag : kTags) {
    if (tag.service == service) return tag.group;
  }
  return std::nullopt;
}

absl::string_view ServiceOfTag(const std::vector<gid_t>& groups) {
  for (const Tag& tag : kTags) {
    if (std::find(groups.begin(), groups.end(), tag.group) != groups.end()) {
      return tag.service;
    }
  }
  return "";
}

absl::Status WearTag(absl::string_view service) {
  const std::optional<gid_t> tag = TagOfService(service);
  if (!tag.has_value() || geteuid() != 0) return absl::OkStatus();
  const int count = getgroups(0, nullptr);
  if (count < 0) return ErrnoStatus(errno, "count the groups");
  std::vector<gid_t> groups(static_cast<size_t>(count));
  if (getgroups(count, groups.data()) != count) {
    return ErrnoStatus(errno, "read the groups");
  }
  if (ServiceOfTag(groups) == service) return absl::OkStatus();
  groups.push_back(*tag);
  if (setgroups(groups.size(), groups.data()) != 0) {
    return ErrnoStatus(errno, absl::StrCat("wear the tag of ", service));
  }
  return absl::OkStatus();
}

}  // namespace tug
