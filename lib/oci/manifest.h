// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/oci/descriptor.h"

namespace tug::oci {

// Most layers of one image: what overlay can stack, with room to spare; most
// manifests of one index.
inline constexpr size_t kMaxLayers = 500;
inline constexpr size_t kMaxManifests = 1000;

// One image.
struct Manifest {
  std::string media_type;
  Descriptor config;
  std::vector<Descriptor> layers;  // Base first.
  std::map<std::string, std::string> annotations;
};

// Several images under one name.
struct Index {
  std::string media_type;
  std::vector<Descriptor> manifests;
  std::map<std::string, std::string> annotations;
};

using Document = std::variant<Manifest, Index>;

// Parses a manifest or an index that was served as `media_type` (empty: not
// told). Refused, with INVALID_ARGUMENT (MANIFEST_INVALID): a document that is
// both or neither (CVE-2021-41190), that names another type than it was served
// as, schema 1, and anything past the limits above.
absl::StatusOr<Document> ParseManifestOrIndex(absl::string_view text,
                                              absl::string_view media_type);

// Annotations that BuildKit puts on attestation manifests in an index.
inline constexpr char kAnnotationReferenceType[] = "vnd.docker.reference.type";
inline constexpr char kAnnotationReferenceDigest[] =
    "vnd.docker.reference.digest";
// Whether the descriptor is an attestation ("attestation-manifest").
bool IsAttestation(const Descriptor& descriptor);

// The best match for `wanted`; NOT_FOUND (PLATFORM_UNKNOWN) lists what there
// is. Manifests without a platform match only if nothing else is there.
absl::StatusOr<Descriptor> SelectPlatform(const Index& index,
                                          const Platform& wanted);

// Writes a manifest; `media_type` chooses the dialect.
std::string SerializeManifest(const Manifest& manifest);

}  // namespace tug::oci
