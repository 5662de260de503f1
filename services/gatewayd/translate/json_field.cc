// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/translate/json_field.h"

#include <cstdint>
#include <limits>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"

namespace tug::gatewayd {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

// A field that differs from the rule: name is its PascalCase, empty is kShown,
// the Go type follows the proto type.
struct Exception {
  absl::string_view message;  // Last part of its name.
  absl::string_view field;
  absl::string_view name;  // Empty: by rule.
  Empty empty = Empty::kShown;
  absl::string_view go_type;  // Empty: by rule.
};

constexpr Exception kExceptions[] = {
    {"Config", "exposed_ports", "", Empty::kOmitted},
    {"Config", "healthcheck", "", Empty::kUnlessSet},
    {"Config", "args_escaped", "", Empty::kOmitted},
    {"Config", "network_disabled", "", Empty::kOmitted},
    {"Config", "mac_address", "", Empty::kOmitted},
    {"Config", "on_build", "", Empty::kOmitted},
    {"Config", "labels", "", Empty::kZero},
    {"Config", "stop_signal", "", Empty::kOmitted},
    {"Config", "stop_timeout", "", Empty::kUnlessSet, "int"},
    {"Config", "shell", "", Empty::kOmitted},
    {"HealthConfig", "test", "", Empty::kOmitted},
    {"HealthConfig", "interval", "", Empty::kOmitted, "time.Duration"},
    {"HealthConfig", "timeout", "", Empty::kOmitted, "time.Duration"},
    {"HealthConfig", "start_period", "", Empty::kOmitted, "time.Duration"},
    {"HealthConfig", "start_interval", "", Empty::kOmitted, "time.Duration"},
    {"HealthConfig", "retries", "", Empty::kOmitted, "int"},
    {"HostConfig", "container_id_file", "ContainerIDFile"},
    {"HostConfig", "log_config", "", Empty::kZero},
    {"HostConfig", "network_mode", "", Empty::kShown, "container.NetworkMode"},
    {"HostConfig", "port_bindings", "", Empty::kZero},
    {"HostConfig", "restart_policy", "", Empty::kZero},
    {"HostConfig", "mounts", "", Empty::kOmitted},
    {"HostConfig", "console_size", "", Empty::kShown, "uint"},
    {"HostConfig", "annotations", "", Empty::kOmitted},
    {"HostConfig", "cgroupns_mode", "", Empty::kShown,
     "container.CgroupnsMode"},
    {"HostConfig", "dns", "", Empty::kShown, "netip.Addr"},
    {"HostConfig", "ipc_mode", "", Empty::kShown, "container.IpcMode"},
    {"HostConfig", "cgroup", "", Empty::kShown, "container.CgroupSpec"},
    {"HostConfig", "oom_score_adj", "", Empty::kShown, "int"},
    {"HostConfig", "pid_mode", "", Empty::kShown, "container.PidMode"},
    {"HostConfig", "storage_opt", "", Empty::kOmitted},
    {"HostConfig", "tmpfs", "", Empty::kOmitted},
    {"HostConfig", "uts_mode", "UTSMode", Empty::kShown, "container.UTSMode"},
    {"HostConfig", "userns_mode", "", Empty::kShown, "container.UsernsMode"},
    {"HostConfig", "sysctls", "", Empty::kOmitted},
    {"HostConfig", "isolation", "", Empty::kShown, "container.Isolation"},
    {"HostConfig", "init", "", Empty::kUnlessSet},
    {"HostConfig", "blkio_weight", "", Empty::kShown, "uint16"},
    {"HostConfig", "blkio_device_read_iops", "BlkioDeviceReadIOps"},
    {"HostConfig", "blkio_device_write_iops", "BlkioDeviceWriteIOps"},
    {"HostConfig", "oom_kill_disable", "", Empty::kZero},
    {"HostConfig", "io_maximum_iops", "IOMaximumIOps"},
    {"HostConfig", "io_maximum_bandwidth", "IOMaximumBandwidth"},
    {"LogConfig", "config", "", Empty::kZero},
    {"RestartPolicy", "name", "", Empty::kShown, "container.RestartPolicyMode"},
    {"RestartPolicy", "maximum_retry_count", "", Empty::kShown, "int"},
    {"PortBinding", "host_ip", "", Empty::kShown, "netip.Addr"},
    {"Mount", "type", "", Empty::kOmitted, "mount.Type"},
    {"Mount", "source", "", Empty::kOmitted},
    {"Mount", "target", "", Empty::kOmitted},
    {"Mount", "read_only", "", Empty::kOmitted},
    {"Mount", "consistency", "", Empty::kOmitted, "mount.Consistency"},
    {"Mount", "bind_options", "", Empty::kUnlessSet},
    {"Mount", "volume_options", "", Empty::kUnlessSet},
    {"Mount", "tmpfs_options", "", Empty::kUnlessSet},
    {"Mount", "image_options", "", Empty::kUnlessSet},
    {"Mount", "cluster_options", "", Empty::kUnlessSet},
    {"BindOptions", "propagation", "", Empty::kOmitted, "mount.Propagation"},
    {"BindOptions", "non_recursive", "", Empty::kOmitted},
    {"BindOptions", "create_mountpoint", "", Empty::kOmitted},
    {"BindOptions", "read_only_non_recursive", "", Empty::kOmitted},
    {"BindOptions", "read_only_force_recursive", "", Empty::kOmitted},
    {"VolumeOptions", "no_copy", "", Empty::kOmitted},
    {"VolumeOptions", "labels", "", Empty::kOmitted},
    {"VolumeOptions", "driver_config", "", Empty::kUnlessSet},
    {"VolumeOptions", "subpath", "", Empty::kOmitted},
    {"DriverConfig", "name", "", Empty::kOmitted},
    {"DriverConfig", "options", "", Empty::kOmitted},
    {"TmpfsOptions", "size_bytes", "", Empty::kOmitted},
    {"TmpfsOptions", "mode", "", Empty::kOmitted, "fs.FileMode"},
    {"TmpfsOptions", "options", "", Empty::kOmitted},
    {"ImageOptions", "subpath", "", Empty::kOmitted},
    {"WeightDevice", "weight", "", Empty::kShown, "uint16"},
    {"DeviceRequest", "device_ids", "DeviceIDs"},
    {"DeviceRequest", "count", "", Empty::kShown, "int"},
    {"ExecConfig", "console_size", "", Empty::kShown, "uint"},
};

// First field of HostConfig that Docker keeps in its embedded Resources.
constexpr int kFirstResourceField = 40;

const Exception* FindException(const FieldDescriptor& field) {
  for (const Exception& exception : kExceptions) {
    if (exception.message == field.containing_type()->name() &&
        exception.field == field.name()) {
      return &exception;
    }
  }
  return nullptr;
}

std::string PascalCase(absl::string_view snake) {
  std::string result;
  for (absl::string_view word : absl::StrSplit(snake, '_')) {
    if (word.empty()) continue;
    absl::StrAppend(&result, std::string(1, absl::ascii_toupper(word.front())),
                    word.substr(1));
  }
  return result;
}

std::string GoTypeByRule(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return "bool";
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
      return "int64";
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64:
      return "uint64";
    default:
      return "string";
  }
}

JsonField Describe(const FieldDescriptor& field) {
  const Exception* exception = FindException(field);
  JsonField result;
  result.field = &field;
  result.name = PascalCase(field.name());
  result.go_type = GoTypeByRule(field);
  if (exception != nullptr) {
    if (!exception->name.empty()) result.name = std::string(exception->name);
    if (!exception->go_type.empty()) {
      result.go_type = std::string(exception->go_type);
    }
    result.empty = exception->empty;
  }
  if (field.containing_type()->name() == "HostConfig" &&
      field.number() >= kFirstResourceField) {
    result.path_prefix = "Resources.";
  }
  result.is_address = result.go_type == "netip.Addr";
  result.unsigned_limit = std::numeric_limits<uint64_t>::max();
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_UINT32) {
    result.unsigned_limit = std::numeric_limits<uint32_t>::max();
  }
  if (result.go_type == "uint16") {
    result.unsigned_limit = std::numeric_limits<uint16_t>::max();
  }
  return result;
}

// Descriptions made so far. Never destroyed: threads may outlive main.
struct Cache {
  absl::Mutex mutex;
  std::map<const Descriptor*, std::vector<JsonField>> fields
      ABSL_GUARDED_BY(mutex);
};

Cache& TheCache() {
  static Cache* const cache = new Cache;
  return *cache;
}

}  // namespace

const std::vector<JsonField>& JsonFields(const Descriptor& message) {
  Cache& cache = TheCache();
  absl::MutexLock lock(&cache.mutex);
  auto [entry, added] = cache.fields.try_emplace(&message);
  if (added) {
    for (int i = 0; i < message.field_count(); ++i) {
      entry->second.push_back(Describe(*message.field(i)));
    }
  }
  return entry->second;
}

const JsonField* FindJsonField(const Descriptor& message,
                               absl::string_view key) {
  const JsonField* folded = nullptr;
  for (const JsonField& field : JsonFields(message)) {
    if (field.name == key) return &field;
    if (folded == nullptr && absl::EqualsIgnoreCase(field.name, key)) {
      folded = &field;
    }
  }
  return folded;
}

std::string GoStructName(const Descriptor& message) {
  if (message.name() == "HealthConfig") return "HealthcheckConfig";
  if (message.name() == "DriverConfig") return "Driver";
  return message.name();
}

std::string QualifiedGoName(const Descriptor& message) {
  const std::string name = GoStructName(message);
  const bool is_mount =
      name == "Mount" || name == "Driver" || absl::EndsWith(name, "Options");
  if (is_mount) return absl::StrCat("mount.", name);
  if (name == "WeightDevice" || name == "ThrottleDevice") {
    return absl::StrCat("blkiodev.", name);
  }
  if (name == "PortBinding") return absl::StrCat("network.", name);
  return absl::StrCat("container.", name);
}

}  // namespace tug::gatewayd
