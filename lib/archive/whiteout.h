// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/strings/string_view.h"

namespace tug::archive {

// What a base name says in a layer's tar (OCI image layer specification).
enum class WhiteoutKind {
  kNone,
  kOpaque,    // ".wh..wh..opq": hide what lower layers have in this directory.
  kRemove,    // ".wh.NAME": hide NAME of lower layers.
  kInternal,  // Other ".wh..wh." names: aufs' own, to be skipped.
  kInvalid,   // ".wh.", ".wh..", ".wh...": no name, or a directory's own.
};

struct Whiteout {
  WhiteoutKind kind;
  absl::string_view name;  // Only with kRemove; part of the base name.
};

Whiteout ParseWhiteout(absl::string_view base_name);

// The prefix, for writers.
inline constexpr absl::string_view kWhiteoutPrefix = ".wh.";
inline constexpr absl::string_view kOpaqueName = ".wh..wh..opq";

}  // namespace tug::archive
