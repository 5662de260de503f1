// SPDX-License-Identifier: Apache-2.0
//
// The side of the processes: their output, their input, their terminal.
#include "services/runtimed/shim/stdio_relay.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "services/runtimed/shim/wall_clock.h"

namespace tug::runtimed {
namespace {

constexpr size_t kInput = 2;
constexpr size_t kBuffersSize = 3 * kChunkSize;

bool IsBusy(int error) { return error == EAGAIN || error == EINTR; }

}  // namespace

char* StdioRelay::Chunk(size_t process, size_t part) {
  return streams_[process].buffers + part * kChunkSize;
}

char* StdioRelay::InputBuffer(size_t process) {
  return streams_[process].buffers + kInput * kChunkSize;
}

long StdioRelay::Open(size_t process, const StreamOptions& options, UniqueFd in,
                      UniqueFd out, UniqueFd err) {
  void* buffers = mmap(nullptr, kBuffersSize, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (buffers == MAP_FAILED) return -errno;
  Streams& streams = streams_[process];
  streams = Streams();
  streams.buffers = static_cast<char*>(buffers);
  streams.used = true;
  streams.options = options;
  streams.in = std::move(in);
  streams.out = std::move(out);
  streams.err = std::move(err);
  const int sources[] = {streams.out.get(), streams.err.get()};
  for (size_t part = 0; part < 2; ++part) {
    Output& output = streams.outputs[part];
    output.number = static_cast<int>(part) + 1;
    output.source = sources[part];
    output.ended = sources[part] == -1;
  }
  if (process >= streams_end_) streams_end_ = process + 1;
  return 0;
}

void StdioRelay::SetTerminal(size_t process, UniqueFd master) {
  Streams& streams = streams_[process];
  fcntl(master.get(), F_SETFL, O_RDWR | O_NONBLOCK);
  streams.terminal = std::move(master);
  streams.outputs[0].source = streams.terminal.get();
  streams.outputs[0].ended = false;
  if (streams.rows != 0) Resize(process, streams.rows, streams.columns);
}

int StdioRelay::InputFd(const Streams& streams) const {
  return streams.options.terminal ? streams.terminal.get() : streams.in.get();
}

bool StdioRelay::InputRoom(const Streams& streams) const {
  return streams.input_begin == streams.input_end;
}

bool StdioRelay::TakesInput(const Streams& streams) const {
  const bool awaits_terminal = streams.options.terminal && !streams.terminal;
  return streams.used && InputRoom(streams) && !awaits_terminal;
}

long StdioRelay::Resize(size_t process, uint16_t rows, uint16_t columns) {
  Streams& streams = streams_[process];
  if (!streams.options.terminal) return -ENOTTY;
  streams.rows = rows;
  streams.columns = columns;
  if (!streams.terminal) return 0;
  winsize size = {};
  size.ws_row = rows;
  size.ws_col = columns;
  return ioctl(streams.terminal.get(), TIOCSWINSZ, &size) == 0 ? 0 : -errno;
}

void StdioRelay::CloseInput(size_t process) {
  Streams& streams = streams_[process];
  // Closing a terminal would hang it up.
  if (streams.options.terminal) return;
  streams.input_closing = true;
  WriteInput(process);
}

bool StdioRelay::Drained(size_t process) const {
  for (const Output& output : streams_[process].outputs) {
    if (!output.ended || output.owed > 0) return false;
  }
  return true;
}

void StdioRelay::GiveUp(size_t process, bool drop_clients) {
  for (size_t i = 0; drop_clients && i < clients_end_; ++i) {
    if (clients_[i].socket && clients_[i].process == process) {
      Detach(clients_[i]);
    }
  }
  for (size_t part = 0; part < 2; ++part) {
    Output& output = streams_[process].outputs[part];
    while (!output.ended && output.owed == 0 && Fill(process, part) > 0) {
      PassOn(process, part);
    }
    if (output.owed == 0 && !output.ended) EndOutput(process, part);
  }
}

void StdioRelay::Close(size_t process) {
  for (size_t i = 0; i < clients_end_; ++i) {
    if (clients_[i].socket && clients_[i].process == process) {
      Detach(clients_[i]);
    }
  }
  munmap(streams_[process].buffers, kBuffersSize);
  streams_[process] = Streams();
  while (streams_end_ > 0 && !streams_[streams_end_ - 1].used) --streams_end_;
}

void StdioRelay::EndOutput(size_t process, size_t part) {
  Streams& streams = streams_[process];
  Output& output = streams.outputs[part];
  output.ended = true;
  if (streams.options.logged) {
    log_.Finish(output.number, WallClock());
    log_.Flush();
  }
  if (!streams.options.terminal)
    (part == 0 ? streams.out : streams.err).reset();
}

// Reads a chunk: as much as there is. A terminal hands out 4 KiB at a time.
// Ends the output at its end. Answers the bytes.
size_t StdioRelay::Fill(size_t process, size_t part) {
  Output& output = streams_[process].outputs[part];
  char* chunk = Chunk(process, part);
  size_t size = 0;
  while (size < kChunkSize) {
    const ssize_t count = read(output.source, chunk + size, kChunkSize - size);
    if (count > 0) {
      size += static_cast<size_t>(count);
      if (!streams_[process].options.terminal) break;
      continue;
    }
    if (count == -1 && IsBusy(errno)) break;
    // End of file, or EIO: the last holder of the terminal closed it.
    if (size == 0) EndOutput(process, part);
    break;
  }
  output.size = size;
  if (size >= kChunkSize / 2 && !output.enlarged) {
    output.enlarged = true;
    // Fewer turns for somebody who writes much; refused is as good.
    fcntl(output.source, F_SETPIPE_SZ, kLargePipe);
  }
  return size;
}

void StdioRelay::HandleOutput(size_t process, size_t part) {
  const Output& output = streams_[process].outputs[part];
  if (!streams_[process].used || output.ended || output.owed > 0) return;
  if (Fill(process, part) > 0) PassOn(process, part);
}

void StdioRelay::HandleInput(size_t process) {
  if (streams_[process].used) WriteInput(process);
}

// Writes received input on; a process that closed its input loses it.
void StdioRelay::WriteInput(size_t process) {
  Streams& streams = streams_[process];
  while (!InputRoom(streams)) {
    const int fd = InputFd(streams);
    const size_t size = streams.input_end - streams.input_begin;
    const ssize_t count =
        fd == -1 ? static_cast<ssize_t>(size)
                 : write(fd, InputBuffer(process) + streams.input_begin, size);
    if (count > 0) {
      streams.input_begin += static_cast<size_t>(count);
      continue;
    }
    if (count == -1 && IsBusy(errno)) return;
    streams.input_begin = streams.input_end;
    streams.in.reset();
  }
  streams.input_begin = streams.input_end = 0;
  if (streams.input_closing) streams.in.reset();
}

void StdioRelay::AddTo(PollSet& set) {
  ++turn_;
  for (size_t process = 0; process < streams_end_; ++process) {
    const Streams& streams = streams_[process];
    if (!streams.used) continue;
    for (size_t part = 0; part < 2; ++part) {
      const Output& output = streams.outputs[part];
      if (output.ended || output.owed > 0) continue;
      set.Add(output.source, POLLIN, PollOwner::kOutput, process, part);
    }
    if (!InputRoom(streams) && InputFd(streams) != -1) {
      set.Add(InputFd(streams), POLLOUT, PollOwner::kInput, process);
    }
  }
  for (size_t i = 0; i < clients_end_; ++i) {
    const Client& client = clients_[i];
    if (!client.socket) continue;
    short events = 0;
    if (client.owes[0] || client.owes[1]) events |= POLLOUT;
    const bool reads =
        client.reads_input && TakesInput(streams_[client.process]);
    if (reads) events |= POLLIN;
    // A peer that is gone would make every poll return at once.
    if (client.hung_up && !reads) continue;
    set.Add(client.socket.get(), events, PollOwner::kClient, i);
  }
}

}  // namespace tug::runtimed
