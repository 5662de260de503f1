// SPDX-License-Identifier: Apache-2.0
#include "services/netd/dns/forwarder.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "lib/sys/fd_channel.h"

namespace tug::netd::dns {

std::optional<Forwarder::Socket> Forwarder::TakeIdle(const Route& route) {
  const auto found = idle_.find(route);
  if (found == idle_.end()) return std::nullopt;
  Socket socket = std::move(found->second.back());
  found->second.pop_back();
  --idle_count_;
  if (found->second.empty()) idle_.erase(found);
  return socket;
}

void Forwarder::KeepIdle(const Route& route, Socket socket) {
  if (!socket.fd || socket.uses >= kUses || idle_count_ >= kMaxIdleOfAll) {
    return;
  }
  std::vector<Socket>& idle = idle_[route];
  if (idle.size() >= kMaxIdle) return;
  idle.push_back(std::move(socket));
  ++idle_count_;
}

bool Forwarder::MakeRoom(uint64_t client, size_t ways) {
  const auto mine = pending_of_.find(client);
  const size_t pending = mine == pending_of_.end() ? 0 : mine->second;
  if (ways == 0 || pending + ways > kMaxQueriesOfOne) return false;
  while (pending_ + ways > kMaxQueries) {
    const std::optional<uint64_t> oldest = shares_.GivesWayTo(client);
    if (!oldest.has_value()) return false;
    const auto found = forwarded_.find(*oldest);
    // Not one of its own: its streams may be in use right now.
    if (found->second.path.client == client) return false;
    Finish(*oldest, found->second.fallback);
  }
  return true;
}

bool Forwarder::Forward(const ReturnPath& path, absl::string_view lease,
                        const DnsView& view, const Question& question,
                        absl::string_view message, uint64_t& next_id) {
  const size_t ways = view.upstreams.size();
  if (!MakeRoom(path.client, ways)) return false;
  const size_t bytes = message.size() * (1 + ways);
  if (!buffers_.TryTake(bytes)) return false;
  const uint64_t id = next_id++;
  forwarded_[id] = {.path = path,
                    .question = question,
                    .message = std::string(message),
                    .bytes = bytes,
                    .pending = 0,
                    .queries = {},
                    .fallback = "",
                    .deadline = absl::Now() + kPatience};
  for (const netlink::IpAddress& server : view.upstreams) {
    const Route route = {view.ask_from_inside ? std::string(lease) : "", server,
                         path.stream != 0};
    std::optional<Socket> socket = TakeIdle(route);
    const bool under_way = socket.has_value()
                               ? Start(id, route, *std::move(socket), next_id)
                               : Await(id, route);
    if (!under_way) continue;  // Others may answer.
    ++forwarded_[id].pending;
    ++pending_;
    ++pending_of_[path.client];
  }
  if (forwarded_[id].pending == 0) {
    buffers_.Give(bytes);
    forwarded_.erase(id);
    return false;
  }
  shares_.Add(path.client, id);
  return true;
}

bool Forwarder::Start(uint64_t forwarded, const Route& route, Socket socket,
                      uint64_t& next_id) {
  Forwarded& one = forwarded_[forwarded];
  const int fd = socket.fd.get();
  auto query = UpstreamQuery::Start(std::move(socket.fd), route.tcp,
                                    one.question, one.message, buffers_);
  if (!query.ok()) return false;
  const uint64_t id = next_id++;
  events_.Add(fd, {SourceKind::kUpstream, id},
              EPOLLIN | (route.tcp ? EPOLLOUT | EPOLLET : 0u));
  one.queries.push_back(id);
  queries_[id] = {forwarded, route, socket.uses + 1, *std::move(query)};
  return true;
}

bool Forwarder::Await(uint64_t forwarded, const Route& route) {
  Waiting& waiting = waiting_[route];
  if (!waiting.asked) {
    waiting.asked = owner_.AskForSockets(
        route, route.tcp ? 1 : std::min(kMaxIdle, sys::kMaxPassedFds));
  }
  if (!waiting.asked) {
    waiting_.erase(route);
    return false;
  }
  waiting.forwarded.push_back(forwarded);
  return true;
}

void Forwarder::AddSockets(const Route& route, std::vector<UniqueFd> sockets,
                           uint64_t& next_id) {
  std::deque<uint64_t> waiting;
  if (const auto found = waiting_.find(route); found != waiting_.end()) {
    waiting = std::move(found->second.forwarded);
    waiting_.erase(found);
  }
  const bool none = sockets.empty();
  size_t used = 0;
  std::vector<uint64_t> failed;
  while (!waiting.empty() && used < sockets.size()) {
    const uint64_t id = waiting.front();
    waiting.pop_front();
    // Answered by another server, or too late, in the meantime.
    if (forwarded_.count(id) == 0) continue;
    if (!Start(id, route, {std::move(sockets[used++]), 0}, next_id)) {
      failed.push_back(id);
    }
  }
  for (; used < sockets.size(); ++used) {
    if (!route.tcp) KeepIdle(route, {std::move(sockets[used]), 0});
  }
  for (const uint64_t id : waiting) {
    if (forwarded_.count(id) == 0) continue;
    if (none || !Await(id, route)) failed.push_back(id);
  }
  for (const uint64_t id : failed) Fail(id);
}

void Forwarder::OnReady(uint64_t id) {
  const auto found = queries_.find(id);
  if (found == queries_.end()) return;
  std::optional<UpstreamQuery::Outcome> outcome =
      found->second.query->OnReady();
  if (!outcome.has_value()) return;
  Query query = std::move(found->second);
  queries_.erase(found);
  const auto one = forwarded_.find(query.forwarded);
  if (!outcome->failed && !query.route.tcp) {
    UniqueFd socket = query.query->TakeSocket();
    events_.Remove(socket.get());
    KeepIdle(query.route, {std::move(socket), query.uses});
  }
  if (one == forwarded_.end()) return;
  const bool good = !outcome->failed &&
                    (outcome->code == kNoError || outcome->code == kNameError);
  if (good) return Finish(query.forwarded, outcome->reply);
  if (!outcome->reply.empty()) one->second.fallback = outcome->reply;
  Fail(query.forwarded);
}

void Forwarder::Fail(uint64_t id) {
  const auto found = forwarded_.find(id);
  if (found == forwarded_.end()) return;
  Forwarded& one = found->second;
  --pending_;
  --pending_of_[one.path.client];
  if (--one.pending == 0) Finish(id, one.fallback);
}

void Forwarder::Finish(uint64_t id, const std::string& reply) {
  const Forwarded& one = forwarded_.find(id)->second;
  owner_.Deliver(one.path, one.question, reply);
  Remove(id);
}

void Forwarder::Remove(uint64_t id) {
  const auto found = forwarded_.find(id);
  if (found == forwarded_.end()) return;
  pending_ -= found->second.pending;
  const auto mine = pending_of_.find(found->second.path.client);
  mine->second -= found->second.pending;
  if (mine->second == 0) pending_of_.erase(mine);
  // Its other queries are of no use now.
  for (const uint64_t query : found->second.queries) queries_.erase(query);
  shares_.Remove(id);
  buffers_.Give(found->second.bytes);
  forwarded_.erase(found);
}

void Forwarder::EndClient(uint64_t client, absl::string_view lease) {
  std::vector<uint64_t> ending;
  for (const auto& [id, one] : forwarded_) {
    if (one.path.client == client) ending.push_back(id);
  }
  for (const uint64_t id : ending) Remove(id);
  for (auto idle = idle_.begin(); idle != idle_.end();) {
    if (idle->first.lease != lease) {
      ++idle;
      continue;
    }
    idle_count_ -= idle->second.size();
    idle = idle_.erase(idle);
  }
  for (auto one = waiting_.begin(); one != waiting_.end();) {
    one = one->first.lease == lease ? waiting_.erase(one) : std::next(one);
  }
}

void Forwarder::EndOverdue(absl::Time now) {
  while (!forwarded_.empty() && forwarded_.begin()->second.deadline <= now) {
    const uint64_t id = forwarded_.begin()->first;
    Finish(id, forwarded_.begin()->second.fallback);
  }
}

absl::Time Forwarder::NextDeadline() const {
  return forwarded_.empty() ? absl::InfiniteFuture()
                            : forwarded_.begin()->second.deadline;
}

}  // namespace tug::netd::dns
