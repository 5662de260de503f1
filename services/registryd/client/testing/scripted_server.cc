// SPDX-License-Identifier: Apache-2.0
#include "services/registryd/client/testing/scripted_server.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/check.h"

namespace tug::registryd {

ScriptedServer::ScriptedServer(Script script) : script_(std::move(script)) {
  listener_ = UniqueFd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  CHECK(bind(listener_.get(), raw, sizeof(address)) == 0);
  CHECK(listen(listener_.get(), 16) == 0);
  socklen_t size = sizeof(address);
  CHECK(getsockname(listener_.get(), raw, &size) == 0);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Run(); });
}

ScriptedServer::~ScriptedServer() {
  shutdown(listener_.get(), SHUT_RDWR);
  thread_.join();
}

std::string ScriptedServer::address() const {
  return absl::StrCat("127.0.0.1:", port_);
}

std::vector<std::string> ScriptedServer::requests() const {
  absl::MutexLock lock(&mutex_);
  return requests_;
}

void ScriptedServer::Run() {
  while (true) {
    UniqueFd connection(
        accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!connection.valid()) return;
    Serve(std::move(connection));
  }
}

void ScriptedServer::Serve(UniqueFd connection) {
  std::string head;
  char buffer[4096];
  while (!absl::StrContains(head, "\r\n\r\n")) {
    const ssize_t size = recv(connection.get(), buffer, sizeof(buffer), 0);
    // A TLS greeting is answered with something else, as plain servers do.
    if (size <= 0 || (head.empty() && buffer[0] == 0x16)) {
      if (size > 0) send(connection.get(), "HTTP/1.0 400 x\r\n\r\n", 18, 0);
      return;
    }
    head.append(buffer, static_cast<size_t>(size));
  }
  {
    absl::MutexLock lock(&mutex_);
    requests_.push_back(head);
  }
  const std::string answer = script_(head);
  send(connection.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
}

}  // namespace tug::registryd
