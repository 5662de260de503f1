// SPDX-License-Identifier: Apache-2.0
#include "services/netd/dns/dns_server.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/sys/fd_channel.h"
#include "services/netd/dns/control_channel.h"
#include "services/netd/dns/view_message.h"
#include "services/netd/namespaces/network_namespace.h"

namespace tug::netd {
namespace {

constexpr uint16_t kDnsPort = 53;

bool LeadsTo(const DnsView& view, const netlink::IpAddress& server) {
  return std::count(view.upstreams.begin(), view.upstreams.end(), server) > 0;
}

// A socket of the calling thread's namespace that is connected to the server,
// or, by TCP, on the way there; invalid where there is no way.
UniqueFd OpenTo(const netlink::IpAddress& server, bool tcp) {
  const int type = tcp ? SOCK_STREAM : SOCK_DGRAM;
  UniqueFd fd(socket(server.family(), type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_storage address;
  const socklen_t size = netlink::ToSockaddr(server, kDnsPort, address);
  if (fd &&
      connect(fd.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 &&
      errno != EINPROGRESS) {
    fd.reset();
  }
  return fd;
}

std::vector<UniqueFd> OpenAll(const netlink::IpAddress& server, bool tcp,
                              size_t count) {
  std::vector<UniqueFd> fds;
  while (fds.size() < count) {
    fds.push_back(OpenTo(server, tcp));
    if (fds.back().valid()) continue;
    fds.pop_back();
    break;
  }
  return fds;
}

}  // namespace

absl::StatusOr<std::unique_ptr<DnsServer>> DnsServer::Start(
    ResolverProcess process, std::function<void()> on_end) {
  UniqueFd wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake) return ErrnoStatus(errno, "start the resolver: eventfd");
  return absl::WrapUnique(
      new DnsServer(std::move(process), std::move(wake), std::move(on_end)));
}

DnsServer::DnsServer(ResolverProcess process, UniqueFd wake,
                     std::function<void()> on_end)
    : process_(std::move(process)),
      wake_(std::move(wake)),
      on_end_(std::move(on_end)),
      thread_([this] { Run(); }) {}

DnsServer::~DnsServer() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  const uint64_t one = 1;
  (void)!write(wake_.get(), &one, sizeof(one));
  thread_.join();
  // What ends it, should it be out of reach of our signals.
  process_.control.reset();
  if (process_.pid == 0) return;
  kill(process_.pid, SIGTERM);
  waitpid(process_.pid, nullptr, 0);
}

void DnsServer::Register(absl::string_view lease, DnsView view,
                         Sockets sockets) {
  absl::MutexLock lock(&mutex_);
  Client& client = clients_[std::string(lease)];
  client.view = std::move(view);
  client.sockets = std::move(sockets);
  client.handed_over = false;
  Mark({"", std::string(lease)});
}

void DnsServer::Update(absl::string_view lease, DnsView view) {
  absl::MutexLock lock(&mutex_);
  const auto client = clients_.find(lease);
  if (client == clients_.end()) return;
  client->second.view = std::move(view);
  Mark({"", std::string(lease)});
}

void DnsServer::Unregister(absl::string_view lease) {
  absl::MutexLock lock(&mutex_);
  const auto client = clients_.find(lease);
  if (client == clients_.end()) return;
  clients_.erase(client);
  Mark({"", std::string(lease)});
}

void DnsServer::PutNames(absl::string_view network_id, absl::string_view lease,
                         const std::vector<std::string>& names,
                         const NameDirectory::Addresses& addresses) {
  Key key = {std::string(network_id), std::string(lease)};
  dns::Names message;
  message.set_network_id(key.network_id);
  message.set_lease(key.lease);
  message.mutable_names()->Assign(names.begin(), names.end());
  if (addresses.v4.has_value()) message.set_ipv4(addresses.v4->ToString());
  if (addresses.v6.has_value()) message.set_ipv6(addresses.v6->ToString());
  absl::MutexLock lock(&mutex_);
  names_[key] = std::move(message);
  Mark(std::move(key));
}

void DnsServer::RemoveNames(absl::string_view network_id,
                            absl::string_view lease) {
  Key key = {std::string(network_id), std::string(lease)};
  absl::MutexLock lock(&mutex_);
  if (names_.erase(key) > 0) Mark(std::move(key));
}

void DnsServer::Mark(Key key) {
  dirty_.insert(std::move(key));
  Flush();
  if (dirty_.empty()) return;
  const uint64_t one = 1;
  (void)!write(wake_.get(), &one, sizeof(one));
}

void DnsServer::Flush() {
  while (!dirty_.empty()) {
    const absl::Status sent = Send(*dirty_.begin());
    if (absl::IsUnavailable(sent)) return;
    LogIfError(sent, "tell the resolver");
    dirty_.erase(dirty_.begin());
  }
}

absl::Status DnsServer::Send(const Key& key) {
  if (key.network_id.empty()) return SendClient(key.lease);
  dns::ToResolver message;
  const auto found = names_.find(key);
  if (found != names_.end()) {
    *message.mutable_names() = found->second;
  } else {
    message.mutable_names()->set_network_id(key.network_id);
    message.mutable_names()->set_lease(key.lease);
  }
  return dns::SendControl(process_.control.get(), message, {});
}

absl::Status DnsServer::SendClient(const std::string& lease) {
  dns::ToResolver message;
  const auto found = clients_.find(lease);
  if (found == clients_.end()) {
    message.set_unregistered(lease);
    return dns::SendControl(process_.control.get(), message, {});
  }
  Client& client = found->second;
  std::vector<int> fds;
  if (client.handed_over) {
    *message.mutable_updated() = dns::ToMessage(lease, client.view);
  } else {
    *message.mutable_registered() = dns::ToMessage(lease, client.view);
    fds = {client.sockets.udp.get(), client.sockets.tcp.get()};
  }
  RETURN_IF_ERROR(dns::SendControl(process_.control.get(), message, fds));
  client.handed_over = true;
  return absl::OkStatus();
}

void DnsServer::MarkAll() {
  absl::MutexLock lock(&mutex_);
  for (auto& [lease, client] : clients_) {
    client.handed_over = false;
    dirty_.insert({"", lease});
  }
  for (const auto& [key, names] : names_) dirty_.insert(key);
  Flush();
}

absl::StatusOr<UniqueFd> DnsServer::PlaceOf(const dns::WantSockets& wanted,
                                            const netlink::IpAddress& server) {
  absl::MutexLock lock(&mutex_);
  for (const auto& [lease, client] : clients_) {
    if (!LeadsTo(client.view, server)) continue;
    if (wanted.lease().empty() && !client.view.ask_from_inside) {
      return UniqueFd();
    }
    if (lease != wanted.lease() || !client.view.ask_from_inside) continue;
    UniqueFd ns(fcntl(client.sockets.ns.get(), F_DUPFD_CLOEXEC, 0));
    if (!ns) return ErrnoStatus(errno, "duplicate a namespace");
    return ns;
  }
  return absl::NotFoundError("no sandbox asks this server in this way");
}

// The resolver reads what containers send, so its word is looked at: it gets
// sockets to servers that are to be asked, and from there only.
void DnsServer::OnWantSockets(dns::WantSockets wanted) {
  const auto server = netlink::IpAddress::Parse(wanted.server());
  if (!server.ok()) return;
  const size_t count =
      std::min<size_t>(std::max(wanted.count(), 1u), sys::kMaxPassedFds);
  std::vector<UniqueFd> opened;
  const auto place = PlaceOf(wanted, *server);
  const auto open = [&] {
    opened = OpenAll(*server, wanted.tcp(), count);
    return absl::OkStatus();
  };
  if (place.ok() && !place->valid()) {
    (void)open();
  } else if (place.ok()) {
    LogIfError(RunInNamespace(*place, open), "open sockets for the resolver");
  }
  std::vector<int> fds;
  for (const UniqueFd& fd : opened) fds.push_back(fd.get());
  dns::ToResolver message;
  *message.mutable_sockets() = std::move(wanted);
  LogIfError(dns::SendControl(process_.control.get(), message, fds),
             "hand sockets to the resolver");
}

bool DnsServer::HearResolver() {
  for (;;) {
    dns::FromResolver message;
    const auto read = dns::ReceiveControl(process_.control.get(), message);
    if (absl::IsUnavailable(read.status())) return true;
    if (absl::IsDataLoss(read.status())) continue;
    if (!read.ok()) return false;
    if (message.hello()) MarkAll();
    if (message.has_want_sockets()) OnWantSockets(message.want_sockets());
  }
}

bool DnsServer::IsOver() {
  absl::MutexLock lock(&mutex_);
  return stopping_;
}

void DnsServer::Run() {
  while (!IsOver()) {
    short wanted = POLLIN;
    {
      absl::MutexLock lock(&mutex_);
      Flush();
      if (!dirty_.empty()) wanted |= POLLOUT;
    }
    // A descriptor of -1 is passed over.
    pollfd ready[] = {{process_.control.get(), wanted, 0},
                      {wake_.get(), POLLIN, 0},
                      {process_.pidfd.get(), POLLIN, 0}};
    poll(ready, std::size(ready), -1);
    uint64_t wakes = 0;
    (void)!read(wake_.get(), &wakes, sizeof(wakes));
    if (IsOver()) return;
    if (!HearResolver() || ready[2].revents != 0) {
      LogError("tug-dns has ended");
      return on_end_();
    }
  }
}

}  // namespace tug::netd
