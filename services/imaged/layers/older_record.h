// SPDX-License-Identifier: Apache-2.0
//
// Records of layers as older versions wrote them: with the list of implicit
// directories inside, however long that was (731 MB of one hostile layer).
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/imaged/layers/layer_record.pb.h"

namespace tug::imaged {

struct OlderRecord {
  // The record without the list.
  std::string rest;
  // Whether there was a list.
  bool found = false;
  // The list; empty where it is larger than an unpacker may report today. The
  // layer goes on to work, only unlisted directories of images that are
  // stacked from now on look as if nothing were below them.
  v1::ImplicitDirectories implicit;
};

// Takes a stored record apart in one pass, in memory bounded by the limit.
// DATA_LOSS for what is no record.
absl::StatusOr<OlderRecord> SplitOlderRecord(absl::string_view value);

}  // namespace tug::imaged
