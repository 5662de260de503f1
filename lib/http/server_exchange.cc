// SPDX-License-Identifier: Apache-2.0
#include "lib/http/server_exchange.h"

#include <errno.h>
#include <fcntl.h>

#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/http/message_writer.h"

namespace tug::http {
namespace {

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr size_t kBodyStep = 64 * 1024;

bool ExpectsContinue(const RequestHead& head) {
  const std::string_view expect = head.headers.Get("Expect");
  return head.minor_version >= 1 &&
         absl::EqualsIgnoreCase(absl::string_view(expect.data(), expect.size()),
                                "100-continue");
}

absl::Status AlreadyAnswered() {
  return absl::FailedPreconditionError("the request has been answered");
}

}  // namespace

ServerExchange::ServerExchange(BufferedSocket& input, RequestParser& parser,
                               DisconnectWatcher& watcher,
                               const ServerLimits& limits, int peer_uid,
                               std::function<void()> on_stream)
    : input_(input),
      parser_(parser),
      watcher_(watcher),
      limits_(limits),
      peer_uid_(peer_uid),
      on_stream_(std::move(on_stream)),
      owes_continue_(ExpectsContinue(parser.head()) && !parser.done()),
      keep_alive_(parser.keep_alive()) {}

ServerExchange::~ServerExchange() { StopWatching(); }

absl::StatusOr<size_t> ServerExchange::ReadSome(char* buffer, size_t size) {
  return ReadWithin(buffer, size, absl::InfiniteDuration());
}

absl::StatusOr<size_t> ServerExchange::ReadWithin(char* buffer, size_t size,
                                                  absl::Duration patience) {
  if (broken_) return absl::CancelledError("the connection is lost");
  RETURN_IF_ERROR(SendContinue());
  const absl::Time deadline = absl::Now() + patience;
  while (!parser_.done()) {
    const auto step = parser_.ParseBody(input_.unread(), buffer, size);
    if (!step.ok()) {
      broken_ = true;
      return step.status();
    }
    input_.Consume(step->consumed);
    if (step->produced > 0) return step->produced;
    if (step->consumed > 0) continue;
    const auto filled = input_.Fill(deadline - absl::Now());
    if (!filled.ok() || *filled == 0) {
      if (absl::IsDeadlineExceeded(filled.status())) return filled.status();
      broken_ = true;
      if (absl::IsResourceExhausted(filled.status())) {
        return absl::InvalidArgumentError("malformed HTTP: chunk header");
      }
      return absl::CancelledError("the client left within the request body");
    }
  }
  return 0;
}

absl::Status ServerExchange::SendContinue() {
  if (!owes_continue_) return absl::OkStatus();
  owes_continue_ = false;
  return input_.Send(kContinue);
}

bool ServerExchange::AwaitBody(int other) {
  if (parser_.done() || broken_ || !input_.unread().empty()) return true;
  if (!SendContinue().ok()) return true;
  return input_.AwaitInput(other);
}

absl::StatusOr<std::string> ServerExchange::ReadBody(size_t limit) {
  std::string body;
  const std::string length(head().headers.Get("Content-Length"));
  uint64_t announced = 0;
  if (absl::SimpleAtoi(length, &announced) && announced > limit) {
    return absl::InvalidArgumentError(
        absl::StrCat("request body is larger than ", limit, " bytes"));
  }
  const absl::Time deadline = absl::Now() + limits_.body_timeout;
  for (;;) {
    const size_t old_size = body.size();
    if (old_size > limit) {
      return absl::InvalidArgumentError(
          absl::StrCat("request body is larger than ", limit, " bytes"));
    }
    if (parser_.done()) return body;
    // One byte more than allowed tells a body that is too long.
    body.resize(old_size + std::min(kBodyStep, limit + 1 - old_size));
    // Not by the piece: a client may send one byte a minute.
    const auto size =
        absl::Now() < deadline
            ? ReadWithin(body.data() + old_size, body.size() - old_size,
                         deadline - absl::Now())
            : absl::StatusOr<size_t>(absl::DeadlineExceededError(""));
    if (absl::IsDeadlineExceeded(size.status())) {
      keep_alive_ = false;
      return absl::DeadlineExceededError(
          absl::StrCat("the request body took longer than ",
                       absl::FormatDuration(limits_.body_timeout)));
    }
    RETURN_IF_ERROR(size.status());
    body.resize(old_size + *size);
  }
}

bool ServerExchange::Drain(absl::Duration patience) {
  // A client that waits for "100 Continue" sends nothing.
  if (owes_continue_) return parser_.done();
  const absl::Time deadline = absl::Now() + patience;
  char scratch[4096];
  size_t total = 0;
  while (!parser_.done()) {
    const auto size =
        ReadWithin(scratch, sizeof(scratch), deadline - absl::Now());
    if (!size.ok()) return false;
    total += *size;
    if (total > kMaxDrainedBody) return false;
  }
  return true;
}

bool ServerExchange::BodyEndsSoon() const {
  const std::optional<uint64_t> remaining = parser_.remaining();
  return !owes_continue_ && remaining.has_value() &&
         *remaining <= kMaxDrainedBody;
}

void ServerExchange::AddConnectionHeaders(ResponseHead& head) {
  if (!head.headers.Has("Date")) head.headers.Add("Date", HttpDate());
  if (!keep_alive_) head.headers.Set("Connection", "close");
  if (keep_alive_ && this->head().minor_version == 0) {
    head.headers.Set("Connection", "keep-alive");
  }
}

absl::Status ServerExchange::Respond(ResponseHead head, std::string_view body) {
  if (state_ != State::kOpen) return AlreadyAnswered();
  state_ = State::kAnswered;
  // The answer does not wait for a body that nobody read: its client may wait
  // for the answer before it goes on. A body that is not here yet and has no
  // end in sight ends the connection; say so before the answer goes out.
  if (!parser_.done() && !Drain(absl::ZeroDuration()) && !BodyEndsSoon()) {
    keep_alive_ = false;
  }
  AddConnectionHeaders(head);
  if (!IsBodiless(head.status)) {
    head.headers.Set("Content-Length", absl::StrCat(body.size()));
  }
  ASSIGN_OR_RETURN(const std::string text, FormatResponseHead(head));
  const bool with_body = !IsBodiless(head.status) && !is_head_request();
  absl::Status sent = with_body && !body.empty() ? input_.Send({text, body})
                                                 : input_.Send(text);
  if (!sent.ok()) broken_ = true;
  return sent;
}

absl::Status ServerExchange::StartStream(ResponseHead head) {
  if (state_ != State::kOpen) return AlreadyAnswered();
  state_ = State::kStreaming;
  chunked_ = this->head().minor_version >= 1;
  if (!chunked_ || (!parser_.done() && !BodyEndsSoon())) keep_alive_ = false;
  AddConnectionHeaders(head);
  if (chunked_) head.headers.Set("Transfer-Encoding", "chunked");
  ASSIGN_OR_RETURN(const std::string text, FormatResponseHead(head));
  absl::Status sent = input_.Send(text);
  if (!sent.ok()) broken_ = true;
  on_stream_();
  return sent;
}

absl::Status ServerExchange::WriteSome(std::string_view bytes) {
  if (state_ != State::kStreaming) {
    return absl::FailedPreconditionError("no stream has been started");
  }
  if (broken_) return absl::CancelledError("the connection is lost");
  if (bytes.empty() || is_head_request()) return absl::OkStatus();
  absl::Status sent = chunked_ ? input_.Send({ChunkHeader(bytes.size()), bytes,
                                              std::string_view("\r\n")})
                               : input_.Send(bytes);
  if (!sent.ok()) broken_ = true;
  return sent;
}

absl::StatusOr<Exchange::Raw> ServerExchange::Hijack(ResponseHead head) {
  if (state_ != State::kOpen) return AlreadyAnswered();
  if (!Drain(kDrainTime)) {
    return absl::InvalidArgumentError("the request body does not end");
  }
  std::string text;
  if (head.status != 0) {
    ASSIGN_OR_RETURN(text, FormatResponseHead(head));
  }
  // A duplicate: Shutdown() must be able to break the connection at any time.
  UniqueFd socket(::fcntl(input_.socket(), F_DUPFD_CLOEXEC, 0));
  if (!socket) return ErrnoStatus(errno, "duplicate connection");
  StopWatching();
  state_ = State::kHijacked;
  broken_ = true;
  if (!text.empty()) RETURN_IF_ERROR(input_.Send(text));
  std::string buffered(input_.unread());
  input_.Consume(buffered.size());
  on_stream_();
  return Raw{std::move(socket), std::move(buffered)};
}

void ServerExchange::WatchDisconnect(std::function<void()> on_gone) {
  StopWatching();
  watch_ = watcher_.Add(input_.socket(), std::move(on_gone));
}

void ServerExchange::StopWatching() {
  if (watch_ != 0) watcher_.Remove(std::exchange(watch_, 0));
}

bool ServerExchange::Finish() {
  StopWatching();
  if (state_ == State::kOpen && !broken_) {
    ResponseHead head;
    head.status = 500;
    (void)Respond(std::move(head), "");
  }
  if (state_ == State::kStreaming && !broken_ && chunked_ &&
      !is_head_request() && !input_.Send(kLastChunk).ok()) {
    broken_ = true;
  }
  if (broken_) return false;
  if (parser_.done()) return keep_alive_;
  if (keep_alive_ && BodyEndsSoon()) return Drain(kDrainTime);
  input_.Linger(kMaxLingeredBody, kLingerSilence, kLingerTime);
  return false;
}

}  // namespace tug::http
