// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "lib/sys/unique_fd.h"
#include "lib/testing/privileged_test.h"
#include "lib/testing/temp_dir.h"
#include "proto/tug/runtime/v1/container.grpc.pb.h"

namespace tug::runtimed {

// A runtimed of the test's own: temporary directories, a cgroup parent of its
// own, and a root file system made of the host's static busybox.
class EngineFixture : public PrivilegedTest {
 protected:
  void SetUp() override;
  void TearDown() override;

  // Starts, respectively kills (SIGKILL) or ends (SIGTERM) the daemon.
  void StartDaemon();
  void EndDaemon(int signal);

  // A committed container that runs `command`, with the host's network.
  std::string Create(const std::vector<std::string>& command);
  std::string Create(const runtime::v1::CreateContainerRequest& request);
  // A request to change and give to Create.
  runtime::v1::CreateContainerRequest Request(
      const std::vector<std::string>& command);

  grpc::Status Start(const std::string& id);
  // The exit code, once it has ended for good.
  int Wait(const std::string& id);
  runtime::v1::Container Get(const std::string& reference);
  void Remove(const std::string& id);

  // Redeems a ticket for a descriptor or a stream, and reads it to its end.
  std::string ReadStream(const type::v1::StreamTicket& ticket);
  // Standard output, without the frames.
  std::string Logs(const runtime::v1::ReadLogsRequest& request);
  std::string Logs(const std::string& id);
  // Exit code and output of an exec.
  std::pair<int, std::string> Exec(const std::string& id,
                                   const std::vector<std::string>& command);

  std::unique_ptr<runtime::v1::ContainerService::Stub> containers_;
  std::unique_ptr<runtime::v1::ExecService::Stub> execs_;

 private:
  void MakeRoot();

  std::unique_ptr<TempDir> directory_;
  std::string cgroup_parent_;
  pid_t daemon_ = 0;
  int snapshots_ = 0;
};

// The payload of one stream (1 output, 2 errors) out of Docker's frames.
std::string Unframe(const std::string& framed, int stream);

}  // namespace tug::runtimed
