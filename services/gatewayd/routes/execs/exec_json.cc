// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/routes/execs/exec_json.h"

#include <string>
#include <utility>

#include "boost/json/array.hpp"
#include "lib/base/status_macros.h"
#include "services/gatewayd/server/docker_error.h"
#include "services/gatewayd/translate/json_codec.h"

namespace tug::gatewayd {
namespace {

namespace json = boost::json;

constexpr char kStartStruct[] = "ExecStartRequest";

absl::StatusOr<const json::object*> AsObject(const json::value& body,
                                             const char* go_type) {
  static const json::object kEmpty;
  if (body.is_null()) return &kEmpty;
  if (!body.is_object()) return JsonTypeError(body, {}, go_type);
  return &body.get_object();
}

}  // namespace

absl::StatusOr<runtime::v1::ExecConfig> DecodeExecBody(
    const json::value& body) {
  ASSIGN_OR_RETURN(const json::object* object,
                   AsObject(body, "container.ExecCreateRequest"));
  runtime::v1::ExecConfig config;
  RETURN_IF_ERROR(DecodeMessage(*object, {"ExecCreateRequest", ""}, config));
  if (config.cmd().empty()) {
    return DockerError(400, "No exec command specified");
  }
  return config;
}

absl::StatusOr<ExecStartBody> DecodeExecStart(const json::value& body) {
  ASSIGN_OR_RETURN(const json::object* object,
                   AsObject(body, "container.ExecStartRequest"));
  runtime::v1::ExecConfig config;
  RETURN_IF_ERROR(DecodeMessage(*object, {kStartStruct, ""}, config));
  ExecStartBody start;
  start.tty = config.tty();
  start.console_size.assign(config.console_size().begin(),
                            config.console_size().end());
  const json::value* detach = object->if_contains("Detach");
  if (detach != nullptr && !detach->is_null()) {
    if (!detach->is_bool()) {
      return JsonTypeError(*detach, {kStartStruct, "Detach"}, "bool");
    }
    start.detach = detach->get_bool();
  }
  return start;
}

json::object EncodeExec(const runtime::v1::Exec& exec) {
  const runtime::v1::ExecConfig& config = exec.config();
  json::array arguments;
  for (int i = 1; i < config.cmd_size(); ++i) {
    arguments.emplace_back(config.cmd(i));
  }
  json::object process{
      {"tty", config.tty()},
      {"entrypoint", config.cmd_size() > 0 ? config.cmd(0) : std::string()},
      {"arguments", std::move(arguments)},
      {"privileged", config.privileged()}};
  if (!config.user().empty()) process["user"] = config.user();
  json::object object{{"ID", exec.id()}, {"Running", exec.running()}};
  if (exec.has_exit_code()) {
    object["ExitCode"] = exec.exit_code();
  } else {
    object["ExitCode"] = nullptr;
  }
  object["ProcessConfig"] = std::move(process);
  object["OpenStdin"] = config.attach_stdin();
  object["OpenStderr"] = config.attach_stderr();
  object["OpenStdout"] = config.attach_stdout();
  object["CanRemove"] = false;
  object["ContainerID"] = exec.container_id();
  object["DetachKeys"] = config.detach_keys();
  object["Pid"] = exec.pid();
  return object;
}

}  // namespace tug::gatewayd
