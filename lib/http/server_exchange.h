// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "lib/http/buffered_socket.h"
#include "lib/http/disconnect_watcher.h"
#include "lib/http/message_parser.h"
#include "lib/http/server.h"

namespace tug::http {

// Most of an unread request body that is read and thrown away so that the
// connection can be used again.
inline constexpr size_t kMaxDrainedBody = 256 * 1024;
// And how long that may take.
inline constexpr absl::Duration kDrainTime = absl::Seconds(5);
// Most that is thrown away of a longer one, so that a client that reads only
// after it has sent everything gets its answer; the connection then ends.
inline constexpr size_t kMaxLingeredBody = size_t{1} << 30;
// How long that may take, and how long the client may be silent.
inline constexpr absl::Duration kLingerTime = absl::Seconds(30);
inline constexpr absl::Duration kLingerSilence = absl::Seconds(2);

// One request on a connection of the server.
class ServerExchange final : public Exchange {
 public:
  // `parser` has parsed the head. `on_stream` is called when the answer has
  // become a stream, or the connection has been taken over.
  ServerExchange(BufferedSocket& input, RequestParser& parser,
                 DisconnectWatcher& watcher, const ServerLimits& limits,
                 int peer_uid, std::function<void()> on_stream);
  ~ServerExchange() override;

  // After the handler: ends the response (500 if there is none). Whether the
  // connection may carry another request.
  bool Finish();

  const RequestHead& head() const override { return parser_.head(); }
  absl::StatusOr<std::string> ReadBody(size_t limit) override;
  absl::StatusOr<size_t> ReadSome(char* buffer, size_t size) override;
  bool AwaitBody(int other) override;
  absl::Status Respond(ResponseHead head, std::string_view body) override;
  absl::Status StartStream(ResponseHead head) override;
  absl::Status WriteSome(std::string_view bytes) override;
  bool responded() const override { return state_ != State::kOpen; }
  absl::StatusOr<Raw> Hijack(ResponseHead head) override;
  int socket() const override { return input_.socket(); }
  void WatchDisconnect(std::function<void()> on_gone) override;
  void StopWatching() override;
  int peer_uid() const override { return peer_uid_; }

 private:
  enum class State { kOpen, kAnswered, kStreaming, kHijacked };

  // "100 Continue", if the client waits for it.
  absl::Status SendContinue();
  bool is_head_request() const { return head().method == "HEAD"; }
  // ReadSome that takes no longer than `patience`.
  absl::StatusOr<size_t> ReadWithin(char* buffer, size_t size,
                                    absl::Duration patience);
  // Reads and drops what is left of the body, at most kMaxDrainedBody, waiting
  // for it no longer than `patience`. Whether it is all.
  bool Drain(absl::Duration patience);
  // Whether what is left of the body is so short that the connection is worth
  // waiting for it.
  bool BodyEndsSoon() const;
  void AddConnectionHeaders(ResponseHead& head);

  BufferedSocket& input_;
  RequestParser& parser_;
  DisconnectWatcher& watcher_;
  const ServerLimits& limits_;
  const int peer_uid_;
  const std::function<void()> on_stream_;
  State state_ = State::kOpen;
  // The client waits for "100 Continue" before it sends the body.
  bool owes_continue_;
  bool chunked_ = false;
  bool keep_alive_;
  // A write failed, or the body's framing is lost.
  bool broken_ = false;
  uint64_t watch_ = 0;
};

}  // namespace tug::http
