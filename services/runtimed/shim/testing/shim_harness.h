// SPDX-License-Identifier: Apache-2.0
//
// Starts real containers through the real shim, for privileged tests and
// benchmarks: the control socket's other end, and clients that collect output.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "lib/sys/unique_fd.h"
#include "services/runtimed/init/launch_plan_builder.h"
#include "services/runtimed/protocol/protocol.h"
#include "services/runtimed/shim/testing/test_root.h"

namespace tug::runtimed {

// What came out of one attached client.
struct Output {
  std::string out;
  std::string err;
};

// One shim. Kills it, and with it the container, at the end.
class ShimHarness {
 public:
  // Spawns; nothing runs before Start.
  // `namespaces`: what the plan's joins refer to, in their order.
  explicit ShimHarness(const LaunchSpec& spec,
                       const std::vector<int>& namespaces = {});
  ~ShimHarness();

  // Ends of runtimed's side.
  int control() const { return control_.get(); }
  void SetControl(UniqueFd control) { control_ = std::move(control); }
  void DropControl() { control_.reset(); }
  pid_t pid() const { return pid_; }

  void Send(ShimMessageType type, int value = 0,
            const std::string& exec_id = "", uint32_t flags = 0,
            std::vector<int> fds = {});
  void Resize(uint16_t rows, uint16_t columns);
  // The next message, within ten seconds; type 0 if none comes.
  ShimMessage Receive(UniqueFd* fd = nullptr);
  // Skips others.
  ShimMessage ReceiveType(ShimMessageType type);

  // A connected client.
  UniqueFd Attach(uint32_t flags);
  // kStarted or kStartFailed.
  ShimMessage Start();
  // kExecStarted or kExecFailed; `*stream` gets the client.
  ShimMessage Exec(const LaunchSpec& spec, const std::string& exec_id,
                   uint32_t flags, UniqueFd* stream);
  // Ends the shim as runtimed would: acknowledges and waits for its end.
  // False if it does not end within ten seconds.
  bool Acknowledge();

 private:
  UniqueFd control_;
  pid_t pid_ = -1;
};

// Reads frames until the end.
Output ReadFrames(int stream);
// Reads raw bytes until the end.
std::string ReadRaw(int stream);
// Reads raw bytes until `text` has come, for at most ten seconds.
std::string ReadUntil(int stream, const std::string& text);

// Runs to the end with Docker's frames attached.
struct RunResult {
  ShimMessage start;
  ShimMessage exit;
  Output output;
};
RunResult RunContainer(const LaunchSpec& spec,
                       const std::vector<int>& namespaces = {});

// Connects to a shim's socket.
UniqueFd ConnectShim(const std::string& path);
// Path of the built program.
std::string ShimProgram();

}  // namespace tug::runtimed
