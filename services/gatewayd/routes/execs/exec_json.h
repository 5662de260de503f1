// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "boost/json/object.hpp"
#include "boost/json/value.hpp"
#include "proto/tug/runtime/v1/container.pb.h"

namespace tug::gatewayd {

// POST /containers/{name}/exec. INVALID_ARGUMENT with Docker's words.
absl::StatusOr<runtime::v1::ExecConfig> DecodeExecBody(
    const boost::json::value& body);

// POST /exec/{id}/start.
struct ExecStartBody {
  bool detach = false;
  bool tty = false;
  // Height and width, or empty.
  std::vector<uint32_t> console_size;
};
absl::StatusOr<ExecStartBody> DecodeExecStart(const boost::json::value& body);

// GET /exec/{id}/json.
boost::json::object EncodeExec(const runtime::v1::Exec& exec);

}  // namespace tug::gatewayd
