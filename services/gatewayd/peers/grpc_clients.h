// SPDX-License-Identifier: Apache-2.0
//
// The clients over gRPC, each in grpc_<service>_client.cc. Only main.cc
// includes this.
#pragma once

#include <memory>
#include <string>

#include "services/gatewayd/peers/event_source.h"
#include "services/gatewayd/peers/peers.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace tug::gatewayd {

using ChannelPtr = std::shared_ptr<grpc::Channel>;

// A channel to `<run_directory>/<service>.sock`.
ChannelPtr OpenServiceChannel(const std::string& run_directory,
                              const std::string& service);

std::unique_ptr<ContainerClient> NewContainerClient(ChannelPtr runtimed);
std::unique_ptr<ExecClient> NewExecClient(ChannelPtr runtimed);
std::unique_ptr<ImageClient> NewImageClient(ChannelPtr imaged);
std::unique_ptr<SnapshotClient> NewSnapshotClient(ChannelPtr imaged);
std::unique_ptr<NetworkClient> NewNetworkClient(ChannelPtr netd);
std::unique_ptr<SandboxClient> NewSandboxClient(ChannelPtr netd);
std::unique_ptr<VolumeClient> NewVolumeClient(ChannelPtr volumed);
std::unique_ptr<RegistryClient> NewRegistryClient(ChannelPtr registryd);
std::unique_ptr<EventSource> NewEventSource(ChannelPtr channel,
                                            std::string service);
// Of tickets of the services in this run directory.
std::unique_ptr<TicketRedeemer> NewTicketRedeemer(
    const std::string& run_directory);

}  // namespace tug::gatewayd
