// SPDX-License-Identifier: Apache-2.0
#include "lib/http/server_exchange.h"

#include <errno.h>
#include <fcntl.h>

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/http/message_writer.h"

namespace tug::http {
namespace {

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr size_t kBodyStep = 64 * 1024;
// Longest silence within a body that is read as a whole; streamed ones (load,
// import) may pause.
constexpr absl::Duration kBodyPatience = absl::Seconds(30);

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
                               DisconnectWatcher& watcher, int peer_uid,
                               std::function<void()> on_stream)
    : input_(input),
      parser_(parser),
      watcher_(watcher),
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
  if (owes_continue_) {
    owes_continue_ = false;
    RETURN_IF_ERROR(input_.Send(kContinue));
  }
  while (!parser_.done()) {
    const auto step = parser_.ParseBody(input_.unread(), buffer, size);
    if (!step.ok()) {
      broken_ = true;
      return step.status();
    }
    input_.Consume(step->consumed);
    if (step->produced > 0) return step->produced;
    if (step->consumed > 0) continue;
    const auto filled = input_.Fill(patience);
    if (!filled.ok() || *filled == 0) {
      broken_ = true;
      if (!filled.ok() && absl::IsResourceExhausted(filled.status())) {
        return absl::InvalidArgumentError("malformed HTTP: chunk header");
      }
      return absl::CancelledError("the client left within the request body");
    }
  }
  return 0;
}

absl::StatusOr<std::string> ServerExchange::ReadBody(size_t limit) {
  std::string body;
  const std::string length(head().headers.Get("Content-Length"));
  uint64_t announced = 0;
  if (absl::SimpleAtoi(length, &announced) && announced > limit) {
    return absl::InvalidArgumentError(
        absl::StrCat("request body is larger than ", limit, " bytes"));
  }
  for (;;) {
    const size_t old_size = body.size();
    if (old_size > limit) {
      return absl::InvalidArgumentError(
          absl::StrCat("request body is larger than ", limit, " bytes"));
    }
    if (parser_.done()) return body;
    // One byte more than allowed tells a body that is too long.
    body.resize(old_size + std::min(kBodyStep, limit + 1 - old_size));
    ASSIGN_OR_RETURN(const size_t size,
                     ReadWithin(body.data() + old_size, body.size() - old_size,
                                kBodyPatience));
    body.resize(old_size + size);
  }
}

absl::Status ServerExchange::Drain() {
  if (owes_continue_ && !parser_.done()) {
    return absl::FailedPreconditionError("the client holds its body back");
  }
  char scratch[4096];
  size_t total = 0;
  while (!parser_.done()) {
    ASSIGN_OR_RETURN(const size_t size,
                     ReadWithin(scratch, sizeof(scratch), kBodyPatience));
    total += size;
    if (total > kMaxDrainedBody) {
      return absl::ResourceExhaustedError("the unread body is too long");
    }
  }
  return absl::OkStatus();
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
  // A body that the client never gets to send, or that is too long to skip,
  // ends the connection: say so before the answer goes out.
  if (!parser_.done() && !Drain().ok()) keep_alive_ = false;
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
  if (!chunked_) keep_alive_ = false;
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
  RETURN_IF_ERROR(Drain());
  ASSIGN_OR_RETURN(const std::string text, FormatResponseHead(head));
  // A duplicate: Shutdown() must be able to break the connection at any time.
  UniqueFd socket(::fcntl(input_.socket(), F_DUPFD_CLOEXEC, 0));
  if (!socket) return ErrnoStatus(errno, "duplicate connection");
  StopWatching();
  state_ = State::kHijacked;
  broken_ = true;
  RETURN_IF_ERROR(input_.Send(text));
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
  if (broken_ || !keep_alive_) return false;
  return parser_.done() || Drain().ok();
}

}  // namespace tug::http
