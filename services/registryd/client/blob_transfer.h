// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "services/registryd/client/blob_sink.h"
#include "services/registryd/client/http_exchange.h"

namespace tug::registryd {

// Where one blob's transfer stands, across connections that break: asks for
// what is missing, and drops what a server without ranges sends again.
//
// Not thread-safe.
class BlobTransfer {
 public:
  BlobTransfer(const BlobRequest& request, BlobSink& sink)
      : request_(request), sink_(sink), position_(request.offset) {}

  // Sets range and sinks for the next attempt.
  void Prepare(HttpRequest& http);

  // Whether everything has come.
  bool complete(const HttpResult& result) const;

  // Bytes came since the last call.
  bool TakeProgress();

  // After a failure of ours (full disk, gone reader) nothing helps.
  bool sink_failed() const { return sink_failed_; }

 private:
  absl::Status OnHead(int status,
                      const std::map<std::string, std::string>& headers);
  absl::Status OnBody(absl::string_view bytes);

  const BlobRequest& request_;
  BlobSink& sink_;
  int64_t position_;    // Next byte of the blob to hand on.
  int64_t skip_ = 0;    // Bytes still to drop of this attempt.
  int64_t total_ = -1;  // Of the blob, as the registry says.
  bool started_ = false;
  bool progressed_ = false;
  bool sink_failed_ = false;
};

// Parses "bytes 5-9/10" into first byte and total (-1 for "*").
bool ParseContentRange(absl::string_view text, int64_t* first, int64_t* total);

}  // namespace tug::registryd
