// SPDX-License-Identifier: Apache-2.0
#include "lib/rpc/narrow_service.h"

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "grpcpp/impl/rpc_service_method.h"

namespace tug::rpc {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;
using grpc::internal::MethodHandler;
using grpc::internal::RpcMethod;
using grpc::internal::RpcServiceMethod;

// The handlers of a service are protected, in the order of its proto.
struct Handlers : grpc::Service {
  static MethodHandler* Of(grpc::Service& service, int index) {
    return (service.*&Handlers::GetHandler)(index);
  }
};

// A service owns its handlers, so those of another one are forwarded to.
class Forward final : public MethodHandler {
 public:
  explicit Forward(MethodHandler& to) : to_(to) {}

  void RunHandler(const HandlerParameter& parameter) override {
    to_.RunHandler(parameter);
  }
  void* Deserialize(grpc_call* call, grpc_byte_buffer* request,
                    grpc::Status* status, void** data) override {
    return to_.Deserialize(call, request, status, data);
  }

 private:
  MethodHandler& to_;
};

RpcMethod::RpcType TypeOf(const MethodDescriptor& method) {
  if (method.client_streaming()) {
    return method.server_streaming() ? RpcMethod::BIDI_STREAMING
                                     : RpcMethod::CLIENT_STREAMING;
  }
  return method.server_streaming() ? RpcMethod::SERVER_STREAMING
                                   : RpcMethod::NORMAL_RPC;
}

absl::Status NoSuch(absl::string_view what) {
  return absl::NotFoundError(absl::StrCat("no gRPC service or method ", what));
}

}  // namespace

absl::StatusOr<std::unique_ptr<NarrowService>> NarrowService::Create(
    grpc::Service& whole, absl::string_view name,
    absl::Span<const absl::string_view> methods) {
  const ServiceDescriptor* service =
      DescriptorPool::generated_pool()->FindServiceByName(std::string(name));
  if (service == nullptr) return NoSuch(name);
  std::unique_ptr<NarrowService> narrow(new NarrowService());
  for (const absl::string_view wanted : methods) {
    const MethodDescriptor* method =
        service->FindMethodByName(std::string(wanted));
    if (method == nullptr) return NoSuch(absl::StrCat(name, ".", wanted));
    const std::string& path = narrow->paths_.emplace_back(
        absl::StrCat("/", service->full_name(), "/", method->name()));
    narrow->AddMethod(new RpcServiceMethod(
        path.c_str(), TypeOf(*method),
        new Forward(*Handlers::Of(whole, method->index()))));
  }
  return narrow;
}

}  // namespace tug::rpc
