// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/rpc/byte_channel.h"
#include "lib/rpc/channel.h"
#include "services/gatewayd/peers/grpc_clients.h"

namespace tug::gatewayd {
namespace {

class ByteChannelRedeemer final : public TicketRedeemer {
 public:
  explicit ByteChannelRedeemer(std::string run_directory)
      : issuers_{std::move(run_directory),
                 {"runtimed", "imaged", "netd", "volumed", "registryd"}} {}

  absl::StatusOr<UniqueFd> Redeem(
      const type::v1::StreamTicket& ticket) override {
    absl::StatusOr<UniqueFd> stream = rpc::RedeemTicket(ticket, issuers_);
    if (!absl::IsUnavailable(stream.status())) return stream;
    return absl::UnavailableError(absl::StrCat(
        stream.status().message(), ": the service is restarting, try again"));
  }

 private:
  const rpc::TicketIssuers issuers_;
};

}  // namespace

ChannelPtr OpenServiceChannel(const std::string& run_directory,
                              const std::string& service) {
  return rpc::OpenChannel(absl::StrCat(run_directory, "/", service, ".sock"));
}

std::unique_ptr<TicketRedeemer> NewTicketRedeemer(
    const std::string& run_directory) {
  return std::make_unique<ByteChannelRedeemer>(run_directory);
}

}  // namespace tug::gatewayd
