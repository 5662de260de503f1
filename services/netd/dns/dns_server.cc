// SPDX-License-Identifier: Apache-2.0
#include "services/netd/dns/dns_server.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <cerrno>
#include <utility>

#include "absl/memory/memory.h"
#include "lib/base/status.h"
#include "services/netd/dns/dns_loop.h"

namespace tug::netd {

absl::StatusOr<std::unique_ptr<DnsServer>> DnsServer::Start(
    const NameDirectory& directory) {
  UniqueFd poll(epoll_create1(EPOLL_CLOEXEC));
  if (!poll) return ErrnoStatus(errno, "start resolver: epoll_create1");
  UniqueFd wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake) return ErrnoStatus(errno, "start resolver: eventfd");
  return absl::WrapUnique(new DnsServer(
      std::make_unique<Loop>(directory, std::move(poll), std::move(wake))));
}

DnsServer::DnsServer(std::unique_ptr<Loop> loop)
    : loop_(std::move(loop)), thread_([this] { loop_->Run(); }) {}

DnsServer::~DnsServer() {
  loop_->Stop();
  thread_.join();
}

void DnsServer::Register(absl::string_view lease, DnsView view,
                         Sockets sockets) {
  loop_->Register(lease, std::move(view), std::move(sockets));
}

void DnsServer::Update(absl::string_view lease, DnsView view) {
  loop_->Update(lease, std::move(view));
}

void DnsServer::Unregister(absl::string_view lease) {
  loop_->Unregister(lease);
}

}  // namespace tug::netd
