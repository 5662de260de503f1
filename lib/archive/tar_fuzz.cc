// SPDX-License-Identifier: Apache-2.0
//
// libFuzzer entry: clang++ -fsanitize=fuzzer,address with the library's
// sources. tar_fuzz_test replays its seeds.
#include <cstddef>
#include <cstdint>

#include "lib/archive/compression.h"
#include "lib/archive/tar_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto source = tug::archive::OpenDecompressed(
      std::make_unique<tug::archive::MemorySource>(
          absl::string_view(reinterpret_cast<const char*>(data), size)),
      nullptr);
  if (!source.ok()) return 0;
  tug::archive::TarReader reader(**source);
  while (true) {
    const auto entry = reader.Next();
    if (!entry.ok() || !entry->has_value()) return 0;
    int64_t position = 0;
    while (true) {
      const auto piece = reader.ReadPiece();
      if (!piece.ok() || piece->bytes.empty()) break;
      // Pieces never overlap and never leave the file.
      if (piece->offset < position) __builtin_trap();
      position = piece->offset + static_cast<int64_t>(piece->bytes.size());
      if (position > (*entry)->size) __builtin_trap();
    }
  }
}
