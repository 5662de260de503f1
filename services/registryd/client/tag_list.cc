// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "boost/json.hpp"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/registryd/client/asked.h"
#include "services/registryd/client/registry_client.h"

namespace tug::registryd {
namespace {

absl::Status Malformed(const oci::Reference& repository) {
  return WithMetadata(
      WithReason(absl::InternalError(absl::StrCat(
                     "tags of ", repository.Repository(),
                     ": the registry did not answer a list of tags")),
                 "REGISTRY_ERROR"),
      "host", repository.domain);
}

absl::StatusOr<TagPage> ParseTags(const HttpResult& result,
                                  const oci::Reference& repository) {
  boost::json::error_code error;
  const boost::json::value value = boost::json::parse(result.body, error);
  if (error || !value.is_object()) return Malformed(repository);
  TagPage page;
  // A repository whose tags are all deleted answers null.
  const boost::json::value* tags = value.get_object().if_contains("tags");
  if (tags == nullptr || tags->is_null()) return page;
  if (!tags->is_array()) return Malformed(repository);
  for (const boost::json::value& tag : tags->get_array()) {
    if (!tag.is_string() ||
        !oci::IsTag({tag.get_string().data(), tag.get_string().size()})) {
      return Malformed(repository);
    }
    page.tags.emplace_back(tag.get_string());
  }
  // The link's address is not followed, so it cannot lead elsewhere.
  if (!page.tags.empty() &&
      absl::StrContains(result.Header("link"), "rel=\"next\"")) {
    page.next = page.tags.back();
  }
  return page;
}

// Older registries answer everything to every question: cut the page out.
void CutPage(size_t count, const std::string& last, TagPage& page) {
  if (page.tags.size() <= count) return;
  auto first = std::find(page.tags.begin(), page.tags.end(), last);
  first = first == page.tags.end() ? page.tags.begin() : std::next(first);
  page.tags.erase(page.tags.begin(), first);
  if (page.tags.size() <= count) return;
  page.tags.resize(count);
  page.next = page.tags.back();
}

}  // namespace

absl::StatusOr<TagPage> RegistryClient::ListTags(
    Identity& identity, const oci::Reference& repository, int count,
    const std::string& last, const Cancelled& cancelled) {
  if (!last.empty() && !oci::IsTag(last)) {
    return absl::InvalidArgumentError("page token is no tag");
  }
  Asked asked(repository, "", Question::Noun::kTags, cancelled);
  asked.path = absl::StrCat("/v2/", repository.path, "/tags/list?n=", count);
  if (!last.empty()) absl::StrAppend(&asked.path, "&last=", last);
  asked.request.max_body = kMaxTagListBytes;
  ASSIGN_OR_RETURN(const HttpResult result, Ask(identity, asked));
  ASSIGN_OR_RETURN(TagPage page, ParseTags(result, repository));
  CutPage(static_cast<size_t>(count), last, page);
  return page;
}

}  // namespace tug::registryd
