// SPDX-License-Identifier: Apache-2.0
#include "services/netd/dns/resolver.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/time/clock.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/netd/dns/control_channel.h"
#include "services/netd/dns/local_answer.h"
#include "services/netd/dns/view_message.h"

namespace tug::netd::dns {
namespace {

// How often silent streams are looked for.
constexpr absl::Duration kSweep = absl::Seconds(5);
// Descriptors that come with a registration.
constexpr size_t kClientFds = 2;

}  // namespace

absl::StatusOr<std::unique_ptr<Resolver>> Resolver::Make(UniqueFd control,
                                                         UniqueFd stop,
                                                         OnTurn on_turn) {
  UniqueFd poll(epoll_create1(EPOLL_CLOEXEC));
  if (!poll) return ErrnoStatus(errno, "start the resolver: epoll_create1");
  return absl::WrapUnique(new Resolver(std::move(poll), std::move(control),
                                       std::move(stop), std::move(on_turn)));
}

Resolver::Resolver(UniqueFd poll, UniqueFd control, UniqueFd stop,
                   OnTurn on_turn)
    : events_(std::move(poll)),
      control_(std::move(control)),
      stop_(std::move(stop)),
      on_turn_(std::move(on_turn)),
      forwarder_(events_, *this, buffers_),
      swept_(absl::Now()) {
  events_.Add(control_.get(), {SourceKind::kControl}, EPOLLIN);
  if (stop_.valid()) events_.Add(stop_.get(), {SourceKind::kStop}, EPOLLIN);
}

absl::Status Resolver::Run() {
  FromResolver hello;
  hello.set_hello(true);
  Tell(hello);
  while (!stopped_) {
    on_turn_();
    const std::vector<Source> ready = events_.Wait(UntilNextTurn(absl::Now()));
    const absl::Status heard = HearNetd().status();
    if (absl::IsCancelled(heard)) return absl::OkStatus();  // netd has ended.
    RETURN_IF_ERROR(heard);
    for (const Source& source : ready) OnEvent(source);
    for (const uint64_t stream : std::exchange(unfinished_, {})) {
      OnStream(stream, /*ready=*/false);
    }
    const absl::Time now = absl::Now();
    forwarder_.EndOverdue(now);
    ResumePaused(now);
    EndSilentStreams(now);
  }
  return absl::OkStatus();
}

absl::Duration Resolver::UntilNextTurn(absl::Time now) const {
  if (!unfinished_.empty()) return absl::ZeroDuration();
  absl::Time next = std::min(now + kSweep, forwarder_.NextDeadline());
  if (!paused_.empty()) next = std::min(next, paused_.front().first);
  return std::max(next - now, absl::ZeroDuration());
}

void Resolver::OnEvent(const Source& source) {
  switch (source.kind) {
    case SourceKind::kControl:
      return;  // Heard already.
    case SourceKind::kStop:
      stopped_ = true;
      return;
    case SourceKind::kDatagrams:
      return OnDatagrams(source.id);
    case SourceKind::kListener:
      return OnConnections(source.id);
    case SourceKind::kStream:
      return OnStream(source.id, /*ready=*/true);
    case SourceKind::kUpstream:
      return forwarder_.OnReady(source.id);
  }
}

absl::StatusOr<bool> Resolver::HearNetd() {
  for (bool heard = false;; heard = true) {
    ToResolver message;
    auto fds = ReceiveControl(control_.get(), message);
    if (absl::IsUnavailable(fds.status())) return heard;
    if (absl::IsDataLoss(fds.status())) {
      LogIfError(fds.status(), "message of netd");
      continue;
    }
    RETURN_IF_ERROR(fds.status());
    Obey(message, *std::move(fds));
  }
}

void Resolver::Obey(ToResolver& message, std::vector<UniqueFd> fds) {
  switch (message.kind_case()) {
    case ToResolver::kRegistered:
      return Register(message.registered(), std::move(fds));
    case ToResolver::kUpdated: {
      const auto found = by_lease_.find(message.updated().lease());
      if (found == by_lease_.end()) return;
      clients_.find(found->second)->second.view =
          FromMessage(message.updated());
      return;
    }
    case ToResolver::kUnregistered:
      return EndClient(message.unregistered());
    case ToResolver::kNames: {
      const Names& names = message.names();
      if (names.names().empty()) {
        return names_.Remove(names.network_id(), names.lease());
      }
      return names_.Put(names.network_id(), names.lease(),
                        {names.names().begin(), names.names().end()},
                        AddressesOf(names));
    }
    case ToResolver::kSockets:
      return OnSockets(message.sockets(), std::move(fds));
    case ToResolver::KIND_NOT_SET:
      return;
  }
}

void Resolver::Register(const View& view, std::vector<UniqueFd> fds) {
  if (fds.size() != kClientFds) return;
  auto [known, is_new] = by_lease_.emplace(view.lease(), next_id_);
  if (is_new) {
    clients_.emplace(next_id_++, Client{.lease = view.lease(),
                                        .view = {},
                                        .udp = {},
                                        .tcp = {},
                                        .budget = QuestionBudget(absl::Now()),
                                        .streams = {}});
  }
  const uint64_t id = known->second;
  Client& client = clients_.find(id)->second;
  // A sandbox may be told of twice: netd tells all when it hears our greeting,
  // and may have told some of it before. Its streams go on.
  if (!is_new) Ignore(client);
  client.view = FromMessage(view);
  client.udp = std::move(fds[0]);
  client.tcp = std::move(fds[1]);
  const uint32_t events = client.paused ? 0u : EPOLLIN;
  events_.Add(client.udp.get(), {SourceKind::kDatagrams, id}, events);
  events_.Add(client.tcp.get(), {SourceKind::kListener, id}, events);
}

void Resolver::Ignore(const Client& client) {
  events_.Remove(client.udp.get());
  events_.Remove(client.tcp.get());
}

void Resolver::OnSockets(const WantSockets& wanted, std::vector<UniqueFd> fds) {
  const auto server = netlink::IpAddress::Parse(wanted.server());
  if (!server.ok()) return;
  forwarder_.AddSockets({wanted.lease(), *server, wanted.tcp()}, std::move(fds),
                        next_id_);
}

void Resolver::Tell(const FromResolver& message) {
  LogIfError(SendControl(control_.get(), message, {}), "tell netd");
}

bool Resolver::AskForSockets(const Route& route, size_t count) {
  FromResolver message;
  WantSockets& wanted = *message.mutable_want_sockets();
  wanted.set_lease(route.lease);
  wanted.set_server(route.server.ToString());
  wanted.set_tcp(route.tcp);
  wanted.set_count(static_cast<uint32_t>(count));
  return SendControl(control_.get(), message, {}).ok();
}

void Resolver::EndClient(absl::string_view lease) {
  const auto found = by_lease_.find(lease);
  if (found == by_lease_.end()) return;
  const uint64_t id = found->second;
  forwarder_.EndClient(id, lease);
  const std::vector<uint64_t> streams = clients_.find(id)->second.streams;
  for (const uint64_t stream : streams) streams_.erase(stream);
  Ignore(clients_.find(id)->second);
  clients_.erase(id);
  by_lease_.erase(found);
}

void Resolver::EndStream(uint64_t id) {
  const auto found = streams_.find(id);
  if (found == streams_.end()) return;
  const auto client = clients_.find(found->second.client);
  if (client != clients_.end()) {
    auto& streams = client->second.streams;
    streams.erase(std::find(streams.begin(), streams.end(), id));
  }
  streams_.erase(found);
}

void Resolver::EndSilentStreams(absl::Time now) {
  if (now - swept_ < kSweep) return;
  swept_ = now;
  std::vector<uint64_t> silent;
  for (const auto& [id, stream] : streams_) {
    if (now - stream.last_used > kStreamIdle) silent.push_back(id);
  }
  for (const uint64_t id : silent) EndStream(id);
}

void Resolver::Watch(uint64_t id, const Client& client) {
  const uint32_t events = client.paused ? 0u : EPOLLIN;
  events_.Change(client.udp.get(), {SourceKind::kDatagrams, id}, events);
  events_.Change(client.tcp.get(), {SourceKind::kListener, id}, events);
  for (const uint64_t stream : client.streams) {
    WatchStream(stream, streams_.find(stream)->second);
    if (!client.paused) unfinished_.push_back(stream);
  }
}

void Resolver::WatchStream(uint64_t id, Stream& stream) {
  const auto client = clients_.find(stream.client);
  if (client == clients_.end()) return;
  const bool may_ask =
      !stream.ended && !client->second.paused && !stream.frames->Backlogged();
  const uint32_t wanted =
      (may_ask ? EPOLLIN : 0u) | (stream.frames->HasUnsent() ? EPOLLOUT : 0u);
  if (wanted == stream.watched) return;
  const int fd = stream.frames->fd();
  if (wanted == 0) {
    events_.Remove(fd);
  } else if (stream.watched == 0) {
    events_.Add(fd, {SourceKind::kStream, id}, wanted);
  } else {
    events_.Change(fd, {SourceKind::kStream, id}, wanted);
  }
  stream.watched = wanted;
}

void Resolver::EndIfDone(uint64_t id) {
  const auto found = streams_.find(id);
  if (found == streams_.end()) return;
  const Stream& stream = found->second;
  if (stream.ended && stream.forwarded == 0 && !stream.frames->HasUnsent() &&
      !stream.frames->HasNext()) {
    EndStream(id);
  }
}

bool Resolver::MayAsk(uint64_t id) {
  const auto found = clients_.find(id);
  if (found == clients_.end() || found->second.paused) return false;
  Client& client = found->second;
  const absl::Time now = absl::Now();
  if (client.budget.Lasts(now)) return true;
  client.paused = true;
  paused_.emplace_back(now + QuestionBudget::kPause, id);
  Watch(id, client);
  return false;
}

void Resolver::ResumePaused(absl::Time now) {
  while (!paused_.empty() && paused_.front().first <= now) {
    const uint64_t id = paused_.front().second;
    paused_.pop_front();
    const auto found = clients_.find(id);
    if (found == clients_.end()) continue;
    found->second.paused = false;
    Watch(id, found->second);
  }
}

void Resolver::OnDatagrams(uint64_t id) {
  // One more byte than is read tells a longer one, which nobody needs.
  static thread_local std::array<char, kMaxQuestion + 1> buffer;
  for (int i = 0; i < kShare && MayAsk(id); ++i) {
    Client& client = clients_.find(id)->second;
    ReturnPath path;
    path.client = id;
    path.sender_size = sizeof(path.sender);
    const ssize_t size =
        recvfrom(client.udp.get(), buffer.data(), buffer.size(), 0,
                 reinterpret_cast<sockaddr*>(&path.sender), &path.sender_size);
    if (size < 0) return;
    const auto length = static_cast<size_t>(size);
    client.budget.Spend(length);
    if (length > kMaxQuestion) continue;
    OnQuestion(path, absl::string_view(buffer.data(), length));
  }
}

void Resolver::OnConnections(uint64_t id) {
  for (int i = 0; i < kShare && MayAsk(id); ++i) {
    Client& client = clients_.find(id)->second;
    UniqueFd accepted(accept4(client.tcp.get(), nullptr, nullptr,
                              SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!accepted) return;
    client.budget.Spend(0);
    if (streams_.size() >= kMaxStreams ||
        client.streams.size() >= kMaxStreamsOfOne) {
      continue;
    }
    const uint64_t stream = next_id_++;
    client.streams.push_back(stream);
    Stream& added = streams_[stream];
    added = {.client = id,
             .frames = std::make_unique<FramedStream>(std::move(accepted),
                                                      kMaxQuestion, buffers_),
             .last_used = absl::Now()};
    WatchStream(stream, added);
  }
}

void Resolver::OnStream(uint64_t id, bool ready) {
  auto stream = streams_.find(id);
  if (stream == streams_.end()) return;
  const uint64_t client = stream->second.client;
  if (ready) {
    FramedStream& frames = *stream->second.frames;
    const size_t unsent = frames.Unsent();
    if (!frames.Flush()) return EndStream(id);
    const bool filled = (stream->second.watched & EPOLLIN) != 0;
    if (filled || frames.Unsent() < unsent) {
      stream->second.last_used = absl::Now();
    }
    if (filled && !frames.Fill()) stream->second.ended = true;
  }
  ReturnPath path;
  path.client = client;
  path.stream = id;
  for (int i = 0; i < kShare; ++i) {
    FramedStream& frames = *stream->second.frames;
    if (!frames.HasNext() || frames.Backlogged()) break;
    if (!MayAsk(client)) return;  // Looked at again afterwards.
    const absl::string_view message = *frames.Next();
    clients_.find(client)->second.budget.Spend(message.size());
    OnQuestion(path, message);
    stream = streams_.find(id);  // An answer may have ended it.
    if (stream == streams_.end()) return;
  }
  // While it is backlogged it is looked at again when there is room.
  if (stream->second.frames->HasNext() &&
      !stream->second.frames->Backlogged()) {
    unfinished_.push_back(id);
  }
  WatchStream(id, stream->second);
  EndIfDone(id);
}

void Resolver::OnQuestion(const ReturnPath& path, absl::string_view message) {
  const auto question = ParseQuestion(message);
  if (!question.ok()) return;
  const auto answered = [&] {
    const auto client = clients_.find(path.client);
    if (client == clients_.end()) return true;
    const auto local = AnswerLocally(*question, client->second.view, names_);
    if (local.has_value()) ReplyWith(path, *question, *local);
    return local.has_value();
  };
  if (answered()) return;
  // It may be of a container that netd has told of since this turn began. The
  // end of the channel is noticed in the next turn.
  const auto heard = HearNetd();
  if (heard.ok() && *heard && answered()) return;
  const auto client = clients_.find(path.client);
  if (client == clients_.end()) return;
  Answer(path, *question, message, client->second);
}

void Resolver::Answer(const ReturnPath& path, const Question& question,
                      absl::string_view message, const Client& client) {
  const DnsView& view = client.view;
  if (MayForward(question, view) &&
      forwarder_.Forward(path, client.lease, view, question, message,
                         next_id_)) {
    if (path.stream != 0) ++streams_.find(path.stream)->second.forwarded;
    return;
  }
  dns::Answer answer;
  // A single label under ndots is for the search list: it exists, without
  // addresses; everything else that may not leave fails.
  const bool for_search = view.forward && view.ndots_set &&
                          !MayForward(question, view) &&
                          !view.upstreams.empty();
  answer.code = for_search ? kNoError : kServerFailure;
  ReplyWith(path, question, answer);
}

void Resolver::Deliver(const ReturnPath& path, const Question& question,
                       const std::string& reply) {
  const auto stream = streams_.find(path.stream);
  if (stream != streams_.end()) --stream->second.forwarded;
  if (!reply.empty()) {
    Reply(path, reply);
  } else {
    dns::Answer failure;
    failure.code = kServerFailure;
    ReplyWith(path, question, failure);
  }
  EndIfDone(path.stream);
}

void Resolver::ReplyWith(const ReturnPath& path, const Question& question,
                         const dns::Answer& answer) {
  const size_t limit = path.stream != 0 ? kMaxMessage : question.udp_size;
  Reply(path, BuildAnswer(question, answer, limit));
}

void Resolver::Reply(const ReturnPath& path, const std::string& message) {
  if (path.stream != 0) {
    const auto stream = streams_.find(path.stream);
    if (stream == streams_.end()) return;
    if (!stream->second.frames->Send(message)) return EndStream(path.stream);
    return WatchStream(path.stream, stream->second);
  }
  const auto client = clients_.find(path.client);
  if (client == clients_.end()) return;
  // A datagram that finds no room is lost; the client asks again.
  (void)!sendto(client->second.udp.get(), message.data(), message.size(), 0,
                reinterpret_cast<const sockaddr*>(&path.sender),
                path.sender_size);
}

}  // namespace tug::netd::dns
