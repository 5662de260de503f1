// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "lib/rpc/byte_channel.h"
#include "lib/sys/unique_fd.h"
#include "proto/tug/stream/v1/stream.grpc.pb.h"

namespace tug::rpc {

// StreamService over a TicketBooth. Each stream holds a server thread and two
// more.
class GrpcStreamService final : public stream::v1::StreamService::Service {
 public:
  GrpcStreamService(TicketBooth& booth, std::string domain)
      : booth_(booth), domain_(std::move(domain)) {}

  grpc::Status Open(
      grpc::ServerContext* context,
      grpc::ServerReaderWriter<stream::v1::Chunk, stream::v1::Chunk>* stream)
      override;

 private:
  TicketBooth& booth_;
  const std::string domain_;
};

}  // namespace tug::rpc
