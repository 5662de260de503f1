// SPDX-License-Identifier: Apache-2.0
#include "lib/oci/reference.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"

namespace tug::oci {
namespace {

constexpr absl::string_view kDefaultDomain = "docker.io";
constexpr absl::string_view kLegacyDomain = "index.docker.io";
constexpr absl::string_view kOfficialPrefix = "library/";

bool IsLowerAlnum(char c) {
  return absl::ascii_islower(c) || absl::ascii_isdigit(c);
}

absl::Status Invalid(absl::string_view text, absl::string_view why) {
  return WithReason(
      absl::InvalidArgumentError(absl::StrCat(
          "reference \"", absl::CHexEscape(text.substr(0, 300)), "\": ", why)),
      "REFERENCE_INVALID");
}

// Alphanumeric runs joined by one ".", one or two "_", or any number of "-".
bool IsPathComponent(absl::string_view text) {
  size_t at = 0;
  while (true) {
    const size_t start = at;
    while (at < text.size() && IsLowerAlnum(text[at])) ++at;
    if (at == start) return false;
    if (at == text.size()) return true;
    const size_t separator = at;
    while (at < text.size() && text[at] == text[separator] &&
           !IsLowerAlnum(text[at])) {
      ++at;
    }
    const size_t length = at - separator;
    const char c = text[separator];
    const bool allowed =
        (c == '.' && length == 1) || (c == '_' && length <= 2) || c == '-';
    if (!allowed) return false;
  }
}

bool IsHostLabel(absl::string_view text) {
  if (text.empty() || text.front() == '-' || text.back() == '-') return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isalnum(c) || c == '-'; });
}

bool IsHost(absl::string_view text) {
  if (absl::StartsWith(text, "[") && absl::EndsWith(text, "]")) {
    text = text.substr(1, text.size() - 2);
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
      return absl::ascii_isxdigit(c) || c == ':' || c == '.';
    });
  }
  const std::vector<absl::string_view> labels = absl::StrSplit(text, '.');
  return std::all_of(labels.begin(), labels.end(), IsHostLabel);
}

bool IsDomain(absl::string_view text) {
  const size_t colon = text.rfind(':');
  const bool bracketed = absl::EndsWith(text, "]");
  if (colon == absl::string_view::npos || bracketed) return IsHost(text);
  const absl::string_view port = text.substr(colon + 1);
  return !port.empty() && port.size() <= 5 &&
         std::all_of(port.begin(), port.end(), absl::ascii_isdigit) &&
         IsHost(text.substr(0, colon));
}

// Docker's rule for when the first component names a registry.
bool LooksLikeDomain(absl::string_view first) {
  return absl::StrContains(first, '.') || absl::StrContains(first, ':') ||
         first == "localhost" ||
         std::any_of(first.begin(), first.end(), absl::ascii_isupper);
}

bool IsSixtyFourHex(absl::string_view text) {
  return Digest::FromHex(text).ok();
}

void SplitDomain(absl::string_view name, Reference& reference) {
  const size_t slash = name.find('/');
  if (slash == absl::string_view::npos ||
      !LooksLikeDomain(name.substr(0, slash))) {
    reference.domain = std::string(kDefaultDomain);
    reference.path = std::string(name);
  } else {
    reference.domain = std::string(name.substr(0, slash));
    reference.path = std::string(name.substr(slash + 1));
  }
  if (reference.domain == kLegacyDomain) {
    reference.domain = std::string(kDefaultDomain);
  }
  if (reference.domain == kDefaultDomain &&
      !absl::StrContains(reference.path, '/')) {
    reference.path = absl::StrCat(kOfficialPrefix, reference.path);
  }
}

absl::Status CheckName(absl::string_view text, const Reference& reference) {
  if (!IsDomain(reference.domain)) {
    return Invalid(text, "the registry host is malformed");
  }
  for (absl::string_view part : absl::StrSplit(reference.path, '/')) {
    if (IsPathComponent(part)) continue;
    const bool upper =
        std::any_of(part.begin(), part.end(), absl::ascii_isupper);
    return Invalid(text, upper ? "repository name must be lowercase"
                               : "invalid reference format");
  }
  if (reference.Repository().size() > kMaxRepositorySize) {
    return Invalid(text,
                   "repository name must not be more than 255 "
                   "characters");
  }
  return absl::OkStatus();
}

}  // namespace

bool IsTag(absl::string_view text) {
  if (text.empty() || text.size() > kMaxTagSize) return false;
  if (text.front() == '.' || text.front() == '-') return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(c) || c == '_' || c == '.' || c == '-';
  });
}

std::string Reference::Repository() const {
  return absl::StrCat(domain, "/", path);
}

std::string Reference::ToString() const {
  std::string text = Repository();
  if (!tag.empty()) absl::StrAppend(&text, ":", tag);
  if (!digest.empty()) absl::StrAppend(&text, "@", digest.ToString());
  return text;
}

std::string Reference::FamiliarRepository() const {
  if (domain != kDefaultDomain) return Repository();
  absl::string_view short_path = path;
  if (absl::StartsWith(short_path, kOfficialPrefix)) {
    const absl::string_view rest = short_path.substr(kOfficialPrefix.size());
    if (!absl::StrContains(rest, '/')) short_path = rest;
  }
  return std::string(short_path);
}

std::string Reference::Familiar() const {
  std::string text = FamiliarRepository();
  if (!tag.empty()) absl::StrAppend(&text, ":", tag);
  if (!digest.empty()) absl::StrAppend(&text, "@", digest.ToString());
  return text;
}

absl::StatusOr<Reference> ParseReference(absl::string_view text) {
  if (text.empty()) return Invalid(text, "invalid reference format");
  if (IsSixtyFourHex(text)) {
    return Invalid(text, "a name cannot be 64 hex digits, which is an id");
  }
  Reference reference;
  absl::string_view name = text;
  const size_t at = name.find('@');
  if (at != absl::string_view::npos) {
    absl::StatusOr<Digest> digest = Digest::Parse(name.substr(at + 1));
    if (!digest.ok()) return Invalid(text, digest.status().message());
    reference.digest = *std::move(digest);
    name = name.substr(0, at);
  }
  const size_t colon = name.rfind(':');
  const size_t slash = name.rfind('/');
  if (colon != absl::string_view::npos &&
      (slash == absl::string_view::npos || colon > slash)) {
    reference.tag = std::string(name.substr(colon + 1));
    if (!IsTag(reference.tag)) {
      return Invalid(text, "invalid reference format");
    }
    name = name.substr(0, colon);
  }
  SplitDomain(name, reference);
  RETURN_IF_ERROR(CheckName(text, reference));
  return reference;
}

absl::StatusOr<Reference> ParseReferenceWithDefaultTag(absl::string_view text) {
  ASSIGN_OR_RETURN(Reference reference, ParseReference(text));
  if (reference.tag.empty() && reference.digest.empty()) {
    reference.tag = "latest";
  }
  return reference;
}

}  // namespace tug::oci
