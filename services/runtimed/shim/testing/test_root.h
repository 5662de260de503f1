// SPDX-License-Identifier: Apache-2.0
//
// A busybox root file system in a temporary directory, and what Docker's
// defaults make of it.
#pragma once

#include <string>
#include <vector>

#include "services/runtimed/init/launch_plan_builder.h"

namespace tug::runtimed {

// Layers and working files of one test; removed with it.
class TestRoot {
 public:
  TestRoot();
  ~TestRoot();

  const std::string& directory() const { return directory_; }
  // The lower layer, to be changed before the start.
  std::string layer() const { return directory_ + "/l/1"; }
  std::string upper() const { return directory_ + "/s/1/u"; }
  std::string log_path() const { return directory_ + "/log"; }
  std::string socket_path() const { return directory_ + "/shim.sock"; }
  std::string record_path() const { return directory_ + "/exit"; }

  // What Docker's defaults come to, for `argv`, without cgroups and network.
  LaunchSpec DefaultSpec(std::vector<std::string> argv) const;
  // An exec with the same rights.
  LaunchSpec ExecSpec(std::vector<std::string> argv) const;

 private:
  std::string directory_;
};

// Ends the test program, with errno's text, if `condition` does not hold.
void Require(bool condition, const char* what);

std::string ReadFile(const std::string& path);
void WriteFile(const std::string& path, const std::string& text);

}  // namespace tug::runtimed
