// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/grpc/testing/engine_fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "grpcpp/grpcpp.h"
#include "lib/base/id.h"
#include "lib/cgroup/cgroup.h"
#include "lib/rpc/byte_channel.h"

namespace tug::runtimed {
namespace {

namespace fs = std::filesystem;

constexpr absl::Duration kPatience = absl::Seconds(20);
constexpr const char* kBusybox = "/usr/bin/busybox";

std::string ProgramPath(const char* name) {
  // Runfiles of the test; data dependencies lie where they were built.
  return fs::absolute(absl::StrCat("services/runtimed/", name)).native();
}

// Zombies count.
bool HasChildren(pid_t parent) {
  const std::string tasks = absl::StrCat("/proc/", parent, "/task");
  for (const auto& task : fs::directory_iterator(tasks)) {
    std::ifstream file(task.path() / "children");
    std::string first;
    if (file >> first) return true;
  }
  return false;
}

// A fresh deadline for each call.
class Call : public grpc::ClientContext {
 public:
  Call() {
    set_deadline(absl::ToChronoTime(absl::Now() + kPatience));
    set_wait_for_ready(true);
  }
};

}  // namespace

std::string Unframe(const std::string& framed, int stream) {
  std::string text;
  size_t at = 0;
  while (framed.size() - at >= 8) {
    size_t size = 0;
    for (size_t i = 4; i < 8; ++i) {
      size = size << 8 | static_cast<unsigned char>(framed[at + i]);
    }
    if (framed[at] == stream) text += framed.substr(at + 8, size);
    at += 8 + size;
  }
  return text;
}

void EngineFixture::SetUp() {
  PrivilegedTest::SetUp();
  if (IsSkipped() || HasFatalFailure()) return;
  if (access(kBusybox, X_OK) != 0) GTEST_SKIP() << "needs busybox-static";
  directory_ = std::make_unique<TempDir>();
  cgroup_parent_ = absl::StrCat("tug-test-", ShortId(NewId()));
  MakeRoot();
  StartDaemon();
}

void EngineFixture::MakeRoot() {
  const fs::path root = fs::path(directory_->path()) / "root";
  for (const char* name : {"bin", "proc", "sys", "dev", "etc", "tmp"}) {
    fs::create_directories(root / name);
  }
  fs::copy_file(kBusybox, root / "bin/busybox");
  for (const char* name : {"sh", "cat", "echo", "sleep", "true", "id", "grep",
                           "tail", "unshare", "ls", "seq"}) {
    fs::create_symlink("busybox", root / "bin" / name);
  }
  directory_->Write("root/etc/passwd", "root:x:0:0::/root:/bin/sh\n");
}

void EngineFixture::StartDaemon() {
  const std::string program = ProgramPath("runtimed");
  std::vector<std::string> words = {"runtimed"};
  for (const auto& [key, value] :
       std::initializer_list<std::pair<const char*, std::string>>{
           {"run-directory", directory_->path() + "/run"},
           {"state-directory", directory_->path() + "/state"},
           {"cgroup-parent", cgroup_parent_},
           {"shim-path", ProgramPath("shim/tug-shim")},
           {"init-path", ProgramPath("reaper/tug-reaper")}}) {
    words.push_back("--set");
    words.push_back(absl::StrCat(key, "=", value));
  }
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  ASSERT_EQ(posix_spawn(&daemon_, program.c_str(), nullptr, nullptr,
                        argv.data(), environ),
            0)
      << program;
  const auto channel = grpc::CreateChannel(
      absl::StrCat("unix:", directory_->path(), "/run/runtimed.sock"),
      grpc::InsecureChannelCredentials());
  containers_ = runtime::v1::ContainerService::NewStub(channel);
  execs_ = runtime::v1::ExecService::NewStub(channel);
}

void EngineFixture::EndDaemon(int signal) {
  kill(daemon_, signal);
  int status = 0;
  waitpid(daemon_, &status, 0);
  daemon_ = 0;
}

void EngineFixture::TearDown() {
  if (daemon_ == 0) return;
  Call list;
  runtime::v1::ListContainersResponse all;
  containers_->ListContainers(&list, {}, &all);
  for (const auto& container : all.containers()) Remove(container.id());
  // Its ends are swept behind the answer.
  const auto tree = cgroup::OpenCgroupTree();
  ASSERT_TRUE(tree.ok());
  const absl::Time deadline = absl::Now() + kPatience;
  while ((*tree)->Children(cgroup_parent_).size() > 1 &&
         absl::Now() < deadline) {
    absl::SleepFor(absl::Milliseconds(10));
  }
  EXPECT_EQ((*tree)->Children(cgroup_parent_).size(), 1u);
  while (HasChildren(daemon_) && absl::Now() < deadline) {
    absl::SleepFor(absl::Milliseconds(10));
  }
  EXPECT_FALSE(HasChildren(daemon_)) << "shims that nobody has collected";
  EndDaemon(SIGTERM);
  EXPECT_TRUE((*tree)->Remove(cgroup_parent_).ok());
}

runtime::v1::CreateContainerRequest EngineFixture::Request(
    const std::vector<std::string>& command) {
  runtime::v1::CreateContainerRequest request;
  request.set_id(NewId());
  for (const std::string& word : command) {
    request.mutable_config()->mutable_cmd()->add_values(word);
  }
  request.mutable_host_config()->set_network_mode("host");
  return request;
}

std::string EngineFixture::Create(const std::vector<std::string>& command) {
  return Create(Request(command));
}

std::string EngineFixture::Create(
    const runtime::v1::CreateContainerRequest& request) {
  const std::string snapshot = absl::StrCat("s", ++snapshots_);
  fs::create_directories(absl::StrCat(directory_->path(), "/", snapshot, "/u"));
  fs::create_directories(absl::StrCat(directory_->path(), "/", snapshot, "/w"));
  Call create;
  runtime::v1::Container container;
  const grpc::Status created =
      containers_->CreateContainer(&create, request, &container);
  EXPECT_TRUE(created.ok()) << created.error_message();
  runtime::v1::CommitContainerRequest commit;
  commit.set_id(request.id());
  *commit.mutable_mounts() = request.mounts();
  auto& root = *commit.mutable_root_file_system();
  root.set_directory(directory_->path());
  root.add_lower("root");
  root.set_upper(snapshot + "/u");
  root.set_work(snapshot + "/w");
  Call call;
  const grpc::Status committed =
      containers_->CommitContainer(&call, commit, &container);
  EXPECT_TRUE(committed.ok()) << committed.error_message();
  return request.id();
}

grpc::Status EngineFixture::Start(const std::string& id) {
  Call call;
  runtime::v1::StartContainerRequest request;
  request.set_id(id);
  runtime::v1::Container container;
  return containers_->StartContainer(&call, request, &container);
}

int EngineFixture::Wait(const std::string& id) {
  Call call;
  runtime::v1::WaitContainerRequest request;
  request.set_id(id);
  const auto reader = containers_->WaitContainer(&call, request);
  runtime::v1::WaitContainerResponse response;
  int code = -1;
  while (reader->Read(&response)) {
    if (response.has_result()) code = response.result().exit_code();
  }
  EXPECT_TRUE(reader->Finish().ok());
  return code;
}

runtime::v1::Container EngineFixture::Get(const std::string& reference) {
  Call call;
  runtime::v1::GetContainerRequest request;
  request.set_reference(reference);
  runtime::v1::Container container;
  const grpc::Status got =
      containers_->GetContainer(&call, request, &container);
  EXPECT_TRUE(got.ok()) << got.error_message();
  return container;
}

void EngineFixture::Remove(const std::string& id) {
  Call begin;
  runtime::v1::BeginRemoveContainerRequest request;
  request.set_id(id);
  request.set_force(true);
  runtime::v1::Container container;
  const grpc::Status begun =
      containers_->BeginRemoveContainer(&begin, request, &container);
  EXPECT_TRUE(begun.ok()) << begun.error_message();
  Call finish;
  runtime::v1::FinishRemoveContainerRequest last;
  last.set_id(id);
  runtime::v1::FinishRemoveContainerResponse response;
  EXPECT_TRUE(
      containers_->FinishRemoveContainer(&finish, last, &response).ok());
}

std::string EngineFixture::ReadStream(const type::v1::StreamTicket& ticket) {
  const auto fd = rpc::RedeemTicket(
      ticket, {absl::StrCat(directory_->path(), "/run"), {"runtimed"}});
  EXPECT_TRUE(fd.ok()) << fd.status();
  std::string text;
  char buffer[65536];
  for (;;) {
    const ssize_t got = fd.ok() ? read(fd->get(), buffer, sizeof(buffer)) : 0;
    if (got <= 0) return text;
    text.append(buffer, static_cast<size_t>(got));
  }
}

std::string EngineFixture::Logs(const runtime::v1::ReadLogsRequest& request) {
  Call call;
  const auto reader = containers_->ReadLogs(&call, request);
  runtime::v1::ReadLogsResponse first;
  EXPECT_TRUE(reader->Read(&first));
  const std::string framed = ReadStream(first.ticket());
  const grpc::Status ended = reader->Finish();
  EXPECT_TRUE(ended.ok()) << ended.error_message();
  return Unframe(framed, 1);
}

std::string EngineFixture::Logs(const std::string& id) {
  runtime::v1::ReadLogsRequest request;
  request.set_id(id);
  request.set_stdout(true);
  return Logs(request);
}

std::pair<int, std::string> EngineFixture::Exec(
    const std::string& id, const std::vector<std::string>& command) {
  runtime::v1::CreateExecRequest request;
  request.set_container_id(id);
  for (const std::string& word : command) {
    request.mutable_config()->add_cmd(word);
  }
  request.mutable_config()->set_attach_stdout(true);
  runtime::v1::Exec exec;
  Call create;
  EXPECT_TRUE(execs_->CreateExec(&create, request, &exec).ok());
  runtime::v1::StartExecRequest start;
  start.set_id(exec.id());
  runtime::v1::StartExecResponse started;
  Call call;
  const grpc::Status ran = execs_->StartExec(&call, start, &started);
  EXPECT_TRUE(ran.ok()) << ran.error_message();
  const std::string framed = ReadStream(started.ticket());
  runtime::v1::WaitExecRequest wait;
  wait.set_id(exec.id());
  Call waiting;
  EXPECT_TRUE(execs_->WaitExec(&waiting, wait, &exec).ok());
  return {exec.exit_code(), Unframe(framed, 1)};
}

}  // namespace tug::runtimed
