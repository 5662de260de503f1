// SPDX-License-Identifier: Apache-2.0
//
// The side of the clients: StdioRelay's delivery of chunks, and their input.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "services/runtimed/shim/stdio_relay.h"
#include "services/runtimed/shim/wall_clock.h"

namespace tug::runtimed {
namespace {

constexpr size_t kHeaderSize = 8;
// Room for several chunks between shim and client.
constexpr int kSendBuffer = 1 << 20;

// Most bytes thrown away from a client that leaves.
constexpr size_t kMaxDiscard = 1 << 20;

bool IsBusy(int error) { return error == EAGAIN || error == EINTR; }

bool IsFramed(uint32_t flags, bool terminal) {
  if ((flags & kStreamFramed) != 0) return true;
  return (flags & kStreamRaw) == 0 && !terminal;
}

void DiscardInput(int socket) {
  char scratch[4096];
  for (size_t done = 0; done < kMaxDiscard;) {
    const ssize_t count = read(socket, scratch, sizeof(scratch));
    if (count <= 0) return;
    done += static_cast<size_t>(count);
  }
}

}  // namespace

long StdioRelay::Attach(size_t process, UniqueFd socket, uint32_t flags) {
  size_t slot = 0;
  while (slot < kMaxClients && clients_[slot].socket) ++slot;
  if (slot == kMaxClients) return -EMFILE;
  if (fcntl(socket.get(), F_SETFL, O_RDWR | O_NONBLOCK) != 0) return -errno;
  setsockopt(socket.get(), SOL_SOCKET, SO_SNDBUFFORCE, &kSendBuffer,
             sizeof(kSendBuffer));
  Client& client = clients_[slot];
  client = Client();
  client.socket = std::move(socket);
  client.process = process;
  client.flags = flags;
  client.turn = turn_;
  client.reads_input = (flags & kStreamStdin) != 0;
  streams_[process];  // made, if the process has not been opened yet
  if (slot >= clients_end_) clients_end_ = slot + 1;
  ++client_count_;
  return 0;
}

void StdioRelay::Detach(Client& client) {
  for (size_t part = 0; part < 2; ++part) Settle(client, part);
  // Closing with input unread would give the peer an error behind the output.
  shutdown(client.socket.get(), SHUT_WR);
  DiscardInput(client.socket.get());
  client.socket.reset();
  --client_count_;
  while (clients_end_ > 0 && !clients_[clients_end_ - 1].socket) {
    --clients_end_;
  }
}

bool StdioRelay::Wants(const Client& client, size_t process,
                       size_t part) const {
  const uint32_t flag = part == 0 ? kStreamStdout : kStreamStderr;
  return client.socket.valid() && client.process == process &&
         (client.flags & flag) != 0 && !client.hung_up && !client.leaving;
}

// Gives a new chunk to the log and to every client that wants it.
void StdioRelay::PassOn(size_t process, size_t part) {
  Streams& streams = streams_[process];
  Output& output = streams.outputs[part];
  if (streams.options.logged) {
    log_.Write(output.number, Chunk(process, part), output.size, WallClock());
    log_.Flush();
  }
  memset(output.header, 0, sizeof(output.header));
  output.header[0] = static_cast<uint8_t>(output.number);
  for (int i = 0; i < 4; ++i) {
    output.header[4 + i] = static_cast<uint8_t>(output.size >> (24 - 8 * i));
  }
  for (size_t i = 0; i < clients_end_; ++i) {
    Client& client = clients_[i];
    if (!Wants(client, process, part)) continue;
    client.owes[part] = true;
    client.sent[part] =
        IsFramed(client.flags, streams.options.terminal) ? 0 : kHeaderSize;
    ++output.owed;
    Deliver(client, part);
    DetachIfDone(client);
  }
}

// The client has the chunk, or never will.
void StdioRelay::Settle(Client& client, size_t part) {
  if (!client.owes[part]) return;
  client.owes[part] = false;
  if (client.in_frame == static_cast<int>(part)) client.in_frame = -1;
  --streams_[client.process].outputs[part].owed;
}

// Sends what the socket takes. Frames never mix: a begun one comes first.
void StdioRelay::Deliver(Client& client, size_t part) {
  if (!client.owes[part]) return;
  if (client.in_frame != -1 && client.in_frame != static_cast<int>(part)) {
    return;
  }
  Output& output = streams_[client.process].outputs[part];
  char* chunk = Chunk(client.process, part);
  size_t& sent = client.sent[part];
  const size_t total = kHeaderSize + output.size;
  while (sent < total) {
    iovec parts[2];
    size_t count = 0;
    if (sent < kHeaderSize) {
      parts[count++] = {output.header + sent, kHeaderSize - sent};
    }
    const size_t done = sent < kHeaderSize ? 0 : sent - kHeaderSize;
    parts[count++] = {chunk + done, output.size - done};
    msghdr message = {};
    message.msg_iov = parts;
    message.msg_iovlen = count;
    const ssize_t result =
        sendmsg(client.socket.get(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (result == -1) {
      if (IsBusy(errno)) return;
      client.hung_up = true;
      break;
    }
    sent += static_cast<size_t>(result);
    client.in_frame = static_cast<int>(part);
  }
  Settle(client, part);
}

void StdioRelay::DeliverAll(Client& client) {
  const size_t first = client.in_frame == 1 ? 1 : 0;
  Deliver(client, first);
  Deliver(client, 1 - first);
}

void StdioRelay::DetachIfDone(Client& client) {
  const bool owes = client.owes[0] || client.owes[1];
  if (client.hung_up ? !client.reads_input : client.leaving && !owes) {
    Detach(client);
  }
}

void StdioRelay::EndInput(Client& client) {
  client.reads_input = false;
  const StreamOptions& options = streams_[client.process].options;
  if (options.stdin_once && !options.terminal) {
    CloseInput(client.process);
  } else {
    client.leaving = true;
  }
}

void StdioRelay::ReadInput(Client& client) {
  Streams& streams = streams_[client.process];
  if (!client.reads_input || !TakesInput(streams)) return;
  char* buffer = InputBuffer(client.process);
  const ssize_t count = read(client.socket.get(), buffer, kChunkSize);
  if (count == -1 && IsBusy(errno)) return;
  if (count <= 0) {
    EndInput(client);
    return;
  }
  // Nobody opened an input: what is typed goes nowhere.
  if (!streams.options.open_stdin) return;
  streams.input_begin = 0;
  streams.input_end = static_cast<size_t>(count);
  WriteInput(client.process);
}

void StdioRelay::HandleClient(size_t index, short ready) {
  Client& client = clients_[index];
  if (!client.socket || client.turn == turn_) return;
  if ((ready & POLLOUT) != 0) DeliverAll(client);
  if ((ready & (POLLHUP | POLLERR | POLLNVAL)) != 0) {
    client.hung_up = true;
    for (size_t part = 0; part < 2; ++part) Settle(client, part);
  }
  if ((ready & (POLLIN | POLLHUP | POLLERR)) != 0) ReadInput(client);
  DetachIfDone(client);
}

}  // namespace tug::runtimed
