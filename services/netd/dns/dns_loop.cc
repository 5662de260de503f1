// SPDX-License-Identifier: Apache-2.0
#include "services/netd/dns/dns_loop.h"

#include <sys/epoll.h>

#include <algorithm>
#include <optional>

#include "absl/time/clock.h"
#include "services/netd/dns/local_answer.h"

namespace tug::netd {
namespace {

constexpr int kEventsPerTurn = 64;
// Datagrams or connections of one sandbox in one turn.
constexpr int kBurst = 32;
// How often silent streams are looked for when nothing else is due.
constexpr absl::Duration kSweep = absl::Seconds(5);

}  // namespace

using dns::Answer;
using dns::Question;

DnsServer::Loop::Loop(const NameDirectory& directory, UniqueFd poll,
                      UniqueFd wake)
    : directory_(directory), poll_(std::move(poll)), wake_(std::move(wake)) {
  epoll_event event = {};
  event.events = EPOLLIN;
  event.data.fd = wake_.get();
  epoll_ctl(poll_.get(), EPOLL_CTL_ADD, wake_.get(), &event);
}

void DnsServer::Loop::Watch(int fd, Source source, uint32_t events) {
  sources_[fd] = std::move(source);
  epoll_event event = {};
  event.events = events;
  event.data.fd = fd;
  epoll_ctl(poll_.get(), EPOLL_CTL_ADD, fd, &event);
}

// Before the descriptor is closed, which takes it out of the epoll set.
void DnsServer::Loop::Forget(int fd) { sources_.erase(fd); }

void DnsServer::Loop::Register(absl::string_view lease, DnsView view,
                               Sockets sockets) {
  absl::MutexLock lock(&mutex_);
  const std::string key(lease);
  EndClient(key);
  Client& client = clients_[key];
  client.view = std::move(view);
  client.sockets = std::move(sockets);
  Watch(client.sockets.udp.get(), {Kind::kUdp, key}, EPOLLIN);
  Watch(client.sockets.tcp.get(), {Kind::kListener, key}, EPOLLIN);
}

void DnsServer::Loop::Update(absl::string_view lease, DnsView view) {
  absl::MutexLock lock(&mutex_);
  const auto client = clients_.find(lease);
  if (client != clients_.end()) client->second.view = std::move(view);
}

void DnsServer::Loop::Unregister(absl::string_view lease) {
  absl::MutexLock lock(&mutex_);
  EndClient(std::string(lease));
}

void DnsServer::Loop::EndClient(const std::string& lease) {
  const auto client = clients_.find(lease);
  if (client == clients_.end()) return;
  std::vector<uint64_t> ending;
  for (const auto& [id, one] : forwarded_) {
    if (one.path.lease == lease) ending.push_back(id);
  }
  for (const uint64_t id : ending) EndForwarded(id);
  ending.clear();
  for (const auto& [id, stream] : streams_) {
    if (stream.lease == lease) ending.push_back(id);
  }
  for (const uint64_t id : ending) EndStream(id);
  Forget(client->second.sockets.udp.get());
  Forget(client->second.sockets.tcp.get());
  clients_.erase(client);
}

void DnsServer::Loop::EndForwarded(uint64_t id) {
  const auto found = forwarded_.find(id);
  if (found == forwarded_.end()) return;
  for (const auto& query : found->second.queries) Forget(query->fd());
  const auto client = clients_.find(found->second.path.lease);
  if (client != clients_.end()) --client->second.forwarded;
  forwarded_.erase(found);
}

void DnsServer::Loop::EndStream(uint64_t id) {
  const auto found = streams_.find(id);
  if (found == streams_.end()) return;
  Forget(found->second.frames->fd());
  const auto client = clients_.find(found->second.lease);
  if (client != clients_.end()) --client->second.streams;
  streams_.erase(found);
}

void DnsServer::Loop::OnDatagrams(const std::string& lease) {
  std::string message(dns::kMaxMessage, '\0');
  for (int i = 0; i < kBurst; ++i) {
    const auto client = clients_.find(lease);
    if (client == clients_.end()) return;
    ReturnPath path;
    path.lease = lease;
    path.sender_size = sizeof(path.sender);
    const ssize_t size = recvfrom(
        client->second.sockets.udp.get(), message.data(), message.size(), 0,
        reinterpret_cast<sockaddr*>(&path.sender), &path.sender_size);
    if (size < 0) return;
    OnQuestion(path, message.substr(0, static_cast<size_t>(size)));
  }
}

void DnsServer::Loop::OnConnection(const std::string& lease) {
  for (int i = 0; i < kBurst; ++i) {
    const auto client = clients_.find(lease);
    if (client == clients_.end()) return;
    UniqueFd accepted(accept4(client->second.sockets.tcp.get(), nullptr,
                              nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!accepted) return;
    if (streams_.size() >= kMaxStreams ||
        client->second.streams >= kMaxStreamsOfOne) {
      continue;
    }
    const uint64_t id = next_id_++;
    ++client->second.streams;
    Watch(accepted.get(), {Kind::kStream, lease, id}, EPOLLIN);
    streams_[id] = {lease,
                    std::make_unique<dns::FramedStream>(std::move(accepted)),
                    absl::Now()};
  }
}

void DnsServer::Loop::OnStream(uint64_t id) {
  auto stream = streams_.find(id);
  if (stream == streams_.end()) return;
  stream->second.last_used = absl::Now();
  const bool open = stream->second.frames->Fill();
  ReturnPath path;
  path.lease = stream->second.lease;
  path.stream = id;
  while (stream != streams_.end()) {
    std::optional<std::string> message = stream->second.frames->Next();
    if (!message.has_value()) break;
    OnQuestion(path, *message);
    stream = streams_.find(id);  // An answer may have ended it.
  }
  if (!open) EndStream(id);
}

void DnsServer::Loop::OnQuestion(const ReturnPath& path,
                                 const std::string& message) {
  const auto question = dns::ParseQuestion(message);
  const auto client = clients_.find(path.lease);
  if (!question.ok() || client == clients_.end()) return;
  const DnsView& view = client->second.view;
  const std::optional<Answer> local =
      dns::AnswerLocally(*question, view, directory_);
  if (local.has_value()) return ReplyWith(path, *question, *local);
  if (dns::MayForward(*question, view) && Forward(path, *question, message)) {
    return;
  }
  Answer answer;
  // A single label under ndots is for the search list: it exists, without
  // addresses; everything else that may not leave fails.
  const bool for_search = view.forward && view.ndots_set &&
                          !dns::MayForward(*question, view) &&
                          !view.upstreams.empty();
  answer.code = for_search ? dns::kNoError : dns::kServerFailure;
  ReplyWith(path, *question, answer);
}

bool DnsServer::Loop::Forward(const ReturnPath& path, const Question& question,
                              const std::string& message) {
  Client& client = clients_.find(path.lease)->second;
  if (forwarded_.size() >= kMaxForwarded ||
      client.forwarded >= kMaxForwardedOfOne) {
    return false;
  }
  Forwarded one;
  one.path = path;
  one.question = question;
  one.deadline = absl::Now() + kPatience;
  const uint64_t id = next_id_++;
  const int ns = client.view.ask_from_inside ? client.sockets.ns.get() : -1;
  for (const netlink::IpAddress& server : client.view.upstreams) {
    auto query = dns::UpstreamQuery::Start(server, path.stream != 0, ns,
                                           question, message);
    if (!query.ok()) continue;  // Others may answer.
    const uint32_t writing = (*query)->is_tcp() ? EPOLLOUT | EPOLLET : 0;
    Watch((*query)->fd(), {Kind::kUpstream, path.lease, id}, EPOLLIN | writing);
    one.queries.push_back(*std::move(query));
  }
  if (one.queries.empty()) return false;
  ++client.forwarded;
  forwarded_.emplace(id, std::move(one));
  return true;
}

void DnsServer::Loop::OnUpstream(uint64_t id, int fd) {
  const auto found = forwarded_.find(id);
  if (found == forwarded_.end()) return;
  Forwarded& one = found->second;
  const auto query = std::find_if(one.queries.begin(), one.queries.end(),
                                  [&](const auto& q) { return q->fd() == fd; });
  if (query == one.queries.end()) return;
  std::optional<dns::UpstreamQuery::Outcome> outcome = (*query)->OnReady();
  if (!outcome.has_value()) return;
  const bool good = !outcome->failed && (outcome->code == dns::kNoError ||
                                         outcome->code == dns::kNameError);
  if (!good) {
    if (!outcome->reply.empty()) one.fallback = std::move(outcome->reply);
    Forget(fd);
    one.queries.erase(query);
    if (!one.queries.empty()) return;
  }
  if (good) {
    Reply(one.path, outcome->reply);
  } else if (!one.fallback.empty()) {
    Reply(one.path, one.fallback);
  } else {
    Answer failure;
    failure.code = dns::kServerFailure;
    ReplyWith(one.path, one.question, failure);
  }
  EndForwarded(id);
}

void DnsServer::Loop::ReplyWith(const ReturnPath& path,
                                const Question& question,
                                const Answer& answer) {
  const size_t limit = path.stream != 0 ? dns::kMaxMessage : question.udp_size;
  Reply(path, dns::BuildAnswer(question, answer, limit));
}

void DnsServer::Loop::Reply(const ReturnPath& path,
                            const std::string& message) {
  if (path.stream != 0) {
    const auto stream = streams_.find(path.stream);
    if (stream == streams_.end()) return;
    if (!stream->second.frames->Send(message)) EndStream(path.stream);
    return;
  }
  const auto client = clients_.find(path.lease);
  if (client == clients_.end()) return;
  // A datagram that finds no room is lost; the client asks again.
  (void)!sendto(
      client->second.sockets.udp.get(), message.data(), message.size(), 0,
      reinterpret_cast<const sockaddr*>(&path.sender), path.sender_size);
}

void DnsServer::Loop::EndOverdue(absl::Time now) {
  while (!forwarded_.empty() && forwarded_.begin()->second.deadline <= now) {
    const uint64_t id = forwarded_.begin()->first;
    const Forwarded& one = forwarded_.begin()->second;
    if (!one.fallback.empty()) {
      Reply(one.path, one.fallback);
    } else {
      Answer failure;
      failure.code = dns::kServerFailure;
      ReplyWith(one.path, one.question, failure);
    }
    EndForwarded(id);
  }
  std::vector<uint64_t> silent;
  for (const auto& [id, stream] : streams_) {
    if (now - stream.last_used > kStreamIdle) silent.push_back(id);
  }
  for (const uint64_t id : silent) EndStream(id);
}

absl::Duration DnsServer::Loop::UntilNextDeadline(absl::Time now) {
  if (forwarded_.empty()) return kSweep;
  return std::clamp(forwarded_.begin()->second.deadline - now,
                    absl::Milliseconds(1), kSweep);
}

void DnsServer::Loop::OnEvent(int fd) {
  const auto found = sources_.find(fd);
  if (found == sources_.end()) return;
  const Source source = found->second;
  switch (source.kind) {
    case Kind::kUdp:
      return OnDatagrams(source.lease);
    case Kind::kListener:
      return OnConnection(source.lease);
    case Kind::kStream:
      return OnStream(source.id);
    case Kind::kUpstream:
      return OnUpstream(source.id, fd);
  }
}

void DnsServer::Loop::Run() {
  for (;;) {
    int timeout = 0;
    {
      absl::MutexLock lock(&mutex_);
      const absl::Time now = absl::Now();
      EndOverdue(now);
      timeout =
          static_cast<int>(absl::ToInt64Milliseconds(UntilNextDeadline(now))) +
          1;
    }
    epoll_event events[kEventsPerTurn];
    const int count = epoll_wait(poll_.get(), events, kEventsPerTurn, timeout);
    for (int i = 0; i < count; ++i) {
      if (events[i].data.fd == wake_.get()) return;
      absl::MutexLock lock(&mutex_);
      OnEvent(events[i].data.fd);
    }
  }
}

void DnsServer::Loop::Stop() {
  const uint64_t one = 1;
  (void)!write(wake_.get(), &one, sizeof(one));
}

}  // namespace tug::netd
