// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/images/convert.h"

#include "lib/base/status.h"

namespace tug::imaged {
namespace {

std::vector<std::string> ToVector(
    const google::protobuf::RepeatedPtrField<std::string>& field) {
  return {field.begin(), field.end()};
}

template <typename Range>
void Append(const Range& values,
            google::protobuf::RepeatedPtrField<std::string>& field) {
  for (const std::string& value : values) *field.Add() = value;
}

}  // namespace

google::protobuf::Timestamp ToProto(absl::Time time) {
  google::protobuf::Timestamp proto;
  const int64_t seconds = absl::ToUnixSeconds(time);
  proto.set_seconds(seconds);
  proto.set_nanos(static_cast<int32_t>(
      absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
  return proto;
}

absl::Time FromProto(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) +
         absl::Nanoseconds(time.nanos());
}

image::v1::Platform ToProto(const oci::Platform& platform) {
  image::v1::Platform proto;
  proto.set_architecture(platform.architecture);
  proto.set_os(platform.os);
  proto.set_variant(platform.variant);
  proto.set_os_version(platform.os_version);
  return proto;
}

std::optional<oci::Platform> FromProto(const image::v1::Platform& platform) {
  if (platform.architecture().empty() && platform.os().empty()) {
    return std::nullopt;
  }
  oci::Platform value{platform.os(), platform.architecture(),
                      platform.variant(), platform.os_version()};
  const oci::Platform host = oci::HostPlatform();
  if (value.os.empty()) value.os = host.os;
  if (value.architecture.empty()) value.architecture = host.architecture;
  return oci::NormalizePlatform(std::move(value));
}

image::v1::Descriptor ToProto(const oci::Descriptor& descriptor) {
  image::v1::Descriptor proto;
  proto.set_media_type(descriptor.media_type);
  proto.set_digest(descriptor.digest.ToString());
  proto.set_size(descriptor.size);
  if (descriptor.platform) {
    *proto.mutable_platform() = ToProto(*descriptor.platform);
  }
  proto.mutable_annotations()->insert(descriptor.annotations.begin(),
                                      descriptor.annotations.end());
  return proto;
}

absl::StatusOr<oci::Descriptor> FromProto(
    const image::v1::Descriptor& descriptor) {
  absl::StatusOr<oci::Digest> digest = oci::Digest::Parse(descriptor.digest());
  if (!digest.ok()) {
    return WithReason(digest.status(), "REFERENCE_INVALID");
  }
  oci::Descriptor value;
  value.media_type = descriptor.media_type();
  value.digest = *std::move(digest);
  value.size = descriptor.size();
  return value;
}

image::v1::ImageConfig ToProto(const oci::ContainerDefaults& defaults) {
  image::v1::ImageConfig proto;
  proto.set_user(defaults.user);
  Append(defaults.exposed_ports, *proto.mutable_exposed_ports());
  Append(defaults.env, *proto.mutable_env());
  if (defaults.entrypoint) {
    Append(*defaults.entrypoint, *proto.mutable_entrypoint()->mutable_values());
  }
  if (defaults.cmd) {
    Append(*defaults.cmd, *proto.mutable_cmd()->mutable_values());
  }
  Append(defaults.volumes, *proto.mutable_volumes());
  proto.set_working_dir(defaults.working_dir);
  proto.mutable_labels()->insert(defaults.labels.begin(),
                                 defaults.labels.end());
  proto.set_stop_signal(defaults.stop_signal);
  if (defaults.healthcheck) {
    image::v1::HealthConfig& health = *proto.mutable_healthcheck();
    Append(defaults.healthcheck->test, *health.mutable_test());
    health.set_interval(defaults.healthcheck->interval);
    health.set_timeout(defaults.healthcheck->timeout);
    health.set_start_period(defaults.healthcheck->start_period);
    health.set_start_interval(defaults.healthcheck->start_interval);
    health.set_retries(defaults.healthcheck->retries);
  }
  Append(defaults.on_build, *proto.mutable_on_build());
  if (defaults.shell) {
    Append(*defaults.shell, *proto.mutable_shell()->mutable_values());
  }
  proto.set_args_escaped(defaults.args_escaped);
  return proto;
}

oci::ContainerDefaults FromProto(const image::v1::ImageConfig& config) {
  oci::ContainerDefaults defaults;
  defaults.user = config.user();
  defaults.exposed_ports = ToVector(config.exposed_ports());
  defaults.env = ToVector(config.env());
  if (config.has_entrypoint()) {
    defaults.entrypoint = ToVector(config.entrypoint().values());
  }
  if (config.has_cmd()) defaults.cmd = ToVector(config.cmd().values());
  defaults.volumes = ToVector(config.volumes());
  defaults.working_dir = config.working_dir();
  defaults.labels.insert(config.labels().begin(), config.labels().end());
  defaults.stop_signal = config.stop_signal();
  if (config.has_healthcheck()) {
    const image::v1::HealthConfig& health = config.healthcheck();
    defaults.healthcheck = oci::HealthProbe{
        ToVector(health.test()), health.interval(),       health.timeout(),
        health.start_period(),   health.start_interval(), health.retries()};
  }
  defaults.on_build = ToVector(config.on_build());
  if (config.has_shell()) defaults.shell = ToVector(config.shell().values());
  defaults.args_escaped = config.args_escaped();
  return defaults;
}

image::v1::History ToProto(const oci::HistoryEntry& entry) {
  image::v1::History proto;
  *proto.mutable_created() = ToProto(entry.created);
  proto.set_created_by(entry.created_by);
  proto.set_author(entry.author);
  proto.set_comment(entry.comment);
  proto.set_empty_layer(entry.empty_layer);
  return proto;
}

}  // namespace tug::imaged
