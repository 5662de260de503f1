// SPDX-License-Identifier: Apache-2.0
//
// Carries bytes between processes (the container's and its execs'), attached
// clients and the log.
//
// Rules, as a user of Docker knows them:
// * A chunk of output is read only when every attached client has taken the
//   previous one: a slow client slows down that stream of that process (its
//   pipe, one chunk and the socket's buffer are between them), and nothing
//   else. A client that is gone is forgotten.
// * Without a terminal clients get Docker's frames, one a chunk, unless they
// ask
//   for the other form.
// * Input of a client ends: with stdin_once (and no terminal) the process's
//   input ends, and output goes on; else the client is detached.
// * Nobody attached and no log: output is thrown away.
#pragma once

#include <cstddef>
#include <cstdint>

#include "lib/sys/unique_fd.h"
#include "services/runtimed/shim/lazy_array.h"
#include "services/runtimed/shim/log_writer.h"
#include "services/runtimed/shim/poll_set.h"

namespace tug::runtimed {

inline constexpr size_t kMaxProcesses = kMaxExecs + 1;
// Bytes that are read at once, and the longest frame.
inline constexpr size_t kChunkSize = 128 << 10;
// A pipe that was found full grows to this.
inline constexpr int kLargePipe = 1 << 20;

// How one process's streams behave.
struct StreamOptions {
  bool terminal = false;
  bool open_stdin = false;
  bool stdin_once = false;
  // Its output goes to the log.
  bool logged = false;
};

class StdioRelay {
 public:
  explicit StdioRelay(LogWriter& log) : log_(log) {}

  // Starts to serve a process. Descriptors are non-blocking; `out` and `err`
  // are invalid with a terminal, `in` where there is no input. -ENOMEM without
  // room for its buffers.
  long Open(size_t process, const StreamOptions& options, UniqueFd in,
            UniqueFd out, UniqueFd err);
  // Gives a process that was opened with `terminal` its terminal.
  void SetTerminal(size_t process, UniqueFd master);
  bool HasRoomForClient() const { return client_count_ < kMaxClients; }
  // -EMFILE when too many are attached.
  long Attach(size_t process, UniqueFd socket, uint32_t flags);
  // The process's input ends once what has been received is delivered.
  void CloseInput(size_t process);
  // -ENOTTY without a terminal.
  long Resize(size_t process, uint16_t rows, uint16_t columns);

  // Everything it wrote has been read and passed on.
  bool Drained(size_t process) const;
  // Gives up on streams that somebody else still holds open, if they have
  // nothing to read now, and on clients, if `drop_clients`.
  void GiveUp(size_t process, bool drop_clients);
  // Detaches what is left and frees the slot.
  void Close(size_t process);
  bool HasClients() const { return client_count_ > 0; }

  void AddTo(PollSet& set);
  void HandleOutput(size_t process, size_t part);
  void HandleInput(size_t process);
  void HandleClient(size_t client, short ready);

 private:
  struct Output {
    // Number in Docker's frames: 1 stdout, 2 stderr.
    int number = 0;
    int source = -1;
    bool ended = true;
    bool enlarged = false;
    // Clients that have not taken the whole chunk.
    size_t owed = 0;
    size_t size = 0;
    uint8_t header[8];
  };
  struct Streams {
    bool used = false;
    // Mapped for as long as the slot is used: two chunks and an input buffer.
    char* buffers = nullptr;
    StreamOptions options;
    UniqueFd in;
    UniqueFd out;
    UniqueFd err;
    UniqueFd terminal;
    Output outputs[2];
    size_t input_begin = 0;
    size_t input_end = 0;
    bool input_closing = false;
    // A size that was set before the terminal came; rows 0: none.
    uint16_t rows = 0;
    uint16_t columns = 0;
  };
  struct Client {
    UniqueFd socket;
    size_t process = 0;
    uint32_t flags = 0;
    // The turn it came in: what poll said then was about somebody else.
    uint64_t turn = 0;
    bool reads_input = false;
    // The peer is gone; only its input may still matter.
    bool hung_up = false;
    // Ends once it has taken what it owes.
    bool leaving = false;
    // For each output: whether it has yet to take the chunk, and how much of
    // it (header included) it has.
    bool owes[2] = {false, false};
    size_t sent[2] = {0, 0};
    // The output whose frame has been begun; -1: none.
    int in_frame = -1;
  };

  char* Chunk(size_t process, size_t part);
  char* InputBuffer(size_t process);
  int InputFd(const Streams& streams) const;
  bool InputRoom(const Streams& streams) const;
  // A client may be read from.
  bool TakesInput(const Streams& streams) const;
  size_t Fill(size_t process, size_t part);
  void PassOn(size_t process, size_t part);
  void EndOutput(size_t process, size_t part);
  bool Wants(const Client& client, size_t process, size_t part) const;
  void Deliver(Client& client, size_t part);
  void Settle(Client& client, size_t part);
  void DeliverAll(Client& client);
  void ReadInput(Client& client);
  void EndInput(Client& client);
  void WriteInput(size_t process);
  void Detach(Client& client);
  void DetachIfDone(Client& client);

  LogWriter& log_;
  LazyArray<Streams, kMaxProcesses> streams_;
  // One above the highest slot in use.
  size_t streams_end_ = 0;
  LazyArray<Client, kMaxClients> clients_;
  size_t clients_end_ = 0;
  size_t client_count_ = 0;
  uint64_t turn_ = 0;
};

}  // namespace tug::runtimed
