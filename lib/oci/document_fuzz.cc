// SPDX-License-Identifier: Apache-2.0
//
// libFuzzer entry for everything here that reads outside text:
// clang++ -fsanitize=fuzzer,address with the library's sources. The corpus is
// replayed by document_fuzz_test.
#include <cstddef>
#include <cstdint>

#include "lib/oci/image_config.h"
#include "lib/oci/manifest.h"
#include "lib/oci/reference.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  (void)tug::oci::ParseReferenceWithDefaultTag(text);
  (void)tug::oci::ParseImageConfig(text);
  const auto document = tug::oci::ParseManifestOrIndex(text, "");
  if (!document.ok()) return 0;
  if (const auto* index = std::get_if<tug::oci::Index>(&*document)) {
    (void)tug::oci::SelectPlatform(*index, tug::oci::HostPlatform());
  }
  return 0;
}
