// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/peers/grpc_registry_peer.h"

#include "absl/strings/str_cat.h"
#include "grpcpp/client_context.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/rpc/byte_channel.h"
#include "lib/rpc/channel.h"
#include "lib/rpc/status_conversion.h"
#include "lib/sys/unique_fd.h"
#include "proto/tug/registry/v1/registry.grpc.pb.h"

namespace tug::imaged {
namespace {

using registry::v1::RegistryService;

// A registry may take long to answer, but not for ever.
constexpr absl::Duration kManifestTimeout = absl::Minutes(2);
// Longest transfer of one blob.
constexpr absl::Duration kBlobTimeout = absl::Hours(24);

// A blob's bytes, and the call that tells how they ended.
class BlobSource final : public archive::Source {
 public:
  ~BlobSource() override {
    if (reader_ == nullptr || finished_) return;
    context_.TryCancel();
    Finish().IgnoreError();
  }

  absl::Status Begin(RegistryService::Stub& stub,
                     const rpc::TicketIssuers& issuers,
                     const registry::v1::ReadBlobRequest& request,
                     std::function<bool()> cancelled) {
    rpc::PrepareContext(context_, kBlobTimeout);
    reader_ = stub.ReadBlob(&context_, request);
    registry::v1::ReadBlobResponse response;
    if (!reader_->Read(&response)) {
      RETURN_IF_ERROR(Finish());
      return absl::InternalError("the registry service sent no ticket");
    }
    ASSIGN_OR_RETURN(connection_,
                     rpc::RedeemTicket(response.ticket(), issuers));
    bytes_ = std::make_unique<archive::FdSource>(connection_.get(),
                                                 std::move(cancelled));
    return absl::OkStatus();
  }

  absl::StatusOr<size_t> Read(char* buffer, size_t size) override {
    if (finished_) return 0;
    absl::StatusOr<size_t> count = bytes_->Read(buffer, size);
    if (count.ok() && *count > 0) return count;
    // The call knows better why the bytes ended.
    if (absl::IsCancelled(count.status())) return count;
    RETURN_IF_ERROR(Finish());
    return count;
  }

 private:
  absl::Status Finish() {
    finished_ = true;
    return rpc::FromGrpc(reader_->Finish());
  }

  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<registry::v1::ReadBlobResponse>> reader_;
  UniqueFd connection_;
  std::unique_ptr<archive::FdSource> bytes_;
  bool finished_ = false;
};

class GrpcRegistryPeer final : public RegistryPeer {
 public:
  explicit GrpcRegistryPeer(const std::string& run_directory)
      : issuers_{run_directory, {"registryd"}},
        stub_(RegistryService::NewStub(
            rpc::OpenChannel(absl::StrCat(run_directory, "/registryd.sock")))) {
  }

  absl::StatusOr<Manifest> GetManifest(const RemoteRepository& repository,
                                       const oci::Digest& digest) override {
    grpc::ClientContext context;
    rpc::PrepareContext(context, kManifestTimeout);
    registry::v1::GetManifestRequest request;
    request.set_session(repository.session);
    request.set_repository(repository.repository);
    request.set_digest(digest.ToString());
    registry::v1::GetManifestResponse response;
    RETURN_IF_ERROR(
        rpc::FromGrpc(stub_->GetManifest(&context, request, &response)));
    return Manifest{response.media_type(),
                    std::move(*response.mutable_content())};
  }

  absl::StatusOr<std::unique_ptr<archive::Source>> ReadBlob(
      const RemoteRepository& repository, const oci::Digest& digest,
      int64_t offset, int64_t size, std::function<bool()> cancelled) override {
    registry::v1::ReadBlobRequest request;
    request.set_session(repository.session);
    request.set_repository(repository.repository);
    request.set_digest(digest.ToString());
    request.set_offset(offset);
    request.set_size(size);
    auto source = std::make_unique<BlobSource>();
    RETURN_IF_ERROR(
        source->Begin(*stub_, issuers_, request, std::move(cancelled)));
    return std::unique_ptr<archive::Source>(std::move(source));
  }

 private:
  const rpc::TicketIssuers issuers_;
  const std::unique_ptr<RegistryService::Stub> stub_;
};

}  // namespace

std::unique_ptr<RegistryPeer> NewGrpcRegistryPeer(
    const std::string& run_directory) {
  return std::make_unique<GrpcRegistryPeer>(run_directory);
}

}  // namespace tug::imaged
