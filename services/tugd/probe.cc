// SPDX-License-Identifier: Apache-2.0
#include "services/tugd/probe.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <utility>

#include "absl/strings/string_view.h"

namespace tug::tugd {
namespace {

constexpr absl::string_view kRestQuestion = "GET /_ping HTTP/1.0\r\n\r\n";
// The preface of HTTP/2 and an empty SETTINGS frame (RFC 9113, 3.4): a server
// answers with its own.
constexpr absl::string_view kRpcQuestion(
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 33);

std::string AddressOf(int listener) {
  sockaddr_un address = {};
  socklen_t size = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (getsockname(listener, generic, &size) != 0) return "";
  return std::string(reinterpret_cast<const char*>(&address), size);
}

}  // namespace

Probe::Probe(int listener, bool speaks_rest)
    : address_(AddressOf(listener)), speaks_rest_(speaks_rest) {}

void Probe::Reset() {
  connection_.reset();
  has_answered_ = false;
  missed_ = 0;
}

bool Probe::Look() {
  char byte;
  // Bytes, or the end: either way somebody was there.
  if (connection_.valid() &&
      (recv(connection_.get(), &byte, 1, MSG_DONTWAIT) >= 0 ||
       errno != EAGAIN)) {
    connection_.reset();
    has_answered_ = true;
    missed_ = 0;
  } else if (has_answered_) {
    ++missed_;
  }
  if (!connection_.valid()) Ask();
  return missed_ >= kMaxMissed;
}

// A full backlog refuses at once: that is no answer, and asked again.
void Probe::Ask() {
  UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd || connect(fd.get(),
                     reinterpret_cast<const sockaddr*>(address_.data()),
                     static_cast<socklen_t>(address_.size())) != 0) {
    return;
  }
  const absl::string_view text = speaks_rest_ ? kRestQuestion : kRpcQuestion;
  (void)!send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL);
  // The service then closes it, and does not wait for us when it is to end.
  shutdown(fd.get(), SHUT_WR);
  connection_ = std::move(fd);
}

}  // namespace tug::tugd
