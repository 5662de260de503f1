// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/oci/digest.h"

namespace tug::oci {

// Longest repository name, host included; longest tag.
inline constexpr size_t kMaxRepositorySize = 255;
inline constexpr size_t kMaxTagSize = 128;

// The name of an image in its full form. A plain value.
struct Reference {
  std::string domain;  // "docker.io", "localhost:5000"
  std::string path;    // "library/debian"
  std::string tag;     // Empty: none given.
  Digest digest;       // Empty: none given.

  // "docker.io/library/debian"
  std::string Repository() const;
  // "docker.io/library/debian:12", "...@sha256:...", or both.
  std::string ToString() const;
  // As people write it: "debian:12".
  std::string Familiar() const;
  // "debian"
  std::string FamiliarRepository() const;

  friend bool operator==(const Reference&, const Reference&) = default;
};

// Parses what a user or an API client wrote, with Docker's rules: a first
// component that is no host (no dot, no colon, not "localhost", no upper case)
// means docker.io, and a single component there "library/". A name of 64 hex
// digits is refused, because it reads as an id. No tag is added; see
// WithDefaultTag. INVALID_ARGUMENT says what is wrong, reason
// REFERENCE_INVALID.
absl::StatusOr<Reference> ParseReference(absl::string_view text);

// The same with tag "latest" where neither tag nor digest was given.
absl::StatusOr<Reference> ParseReferenceWithDefaultTag(absl::string_view text);

// Whether `text` may stand behind the colon.
bool IsTag(absl::string_view text);

}  // namespace tug::oci
