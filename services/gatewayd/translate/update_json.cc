// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "lib/base/status_macros.h"
#include "services/gatewayd/translate/container_json.h"
#include "services/gatewayd/translate/json_codec.h"

namespace tug::gatewayd {
namespace {

namespace json = boost::json;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using runtime::v1::HostConfig;
using runtime::v1::ResourceUpdate;

void CopyField(const Message& from, const FieldDescriptor* source,
               const FieldDescriptor* target, Message& to) {
  const auto& read = *from.GetReflection();
  const auto& write = *to.GetReflection();
  switch (target->cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return write.SetBool(&to, target, read.GetBool(from, source));
    case FieldDescriptor::CPPTYPE_INT64:
      return write.SetInt64(&to, target, read.GetInt64(from, source));
    case FieldDescriptor::CPPTYPE_UINT32:
      return write.SetUInt32(&to, target, read.GetUInt32(from, source));
    case FieldDescriptor::CPPTYPE_STRING:
      return write.SetString(&to, target, read.GetString(from, source));
    default:
      write.MutableMessage(&to, target)
          ->CopyFrom(read.GetMessage(from, source));
  }
}

// The fields of an update are named as those of a HostConfig; what is zero
// there was not given.
ResourceUpdate GivenResources(const HostConfig& given) {
  ResourceUpdate update;
  const auto* const type = ResourceUpdate::descriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor* const source =
        HostConfig::descriptor()->FindFieldByName(type->field(i)->name());
    if (!given.GetReflection()->HasField(given, source)) continue;
    CopyField(given, source, type->field(i), update);
  }
  // Docker's other word for "no limit", and its word for "the kernel's".
  if (update.has_pids_limit() && update.pids_limit() <= 0) {
    update.set_pids_limit(-1);
  }
  if (update.memory_swappiness() < 0) update.clear_memory_swappiness();
  return update;
}

}  // namespace

absl::StatusOr<runtime::v1::UpdateContainerRequest> DecodeUpdateBody(
    const json::value& value) {
  if (!value.is_object()) {
    return JsonTypeError(value, {}, "container.UpdateConfig");
  }
  HostConfig given;
  RETURN_IF_ERROR(
      DecodeMessage(value.get_object(), {"UpdateConfig", ""}, given));
  runtime::v1::UpdateContainerRequest request;
  *request.mutable_resources() = GivenResources(given);
  if (given.has_restart_policy()) {
    *request.mutable_restart_policy() = given.restart_policy();
  }
  return request;
}

}  // namespace tug::gatewayd
