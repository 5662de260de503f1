// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/routes/unbuilt/unbuilt_checks.h"

#include <algorithm>
#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "boost/json/object.hpp"
#include "lib/base/status_macros.h"
#include "lib/oci/reference.h"
#include "services/gatewayd/server/docker_error.h"
#include "services/gatewayd/server/go_number.h"
#include "services/gatewayd/translate/filters.h"

namespace tug::gatewayd {
namespace {

namespace json = boost::json;

absl::Status UnknownPlugin(absl::string_view name) {
  return DockerError(404, absl::StrCat("plugin \"", name, "\" not found"));
}

absl::Status CheckFilters(const RequestContext& context,
                          absl::Span<const absl::string_view> known) {
  return Filters::Parse(context.query().Get("filters"), known).status();
}

// Docker's words with the number's fault, for services, nodes and the swarm.
absl::Status CheckNumberedUpdate(RequestContext& context,
                                 absl::string_view what) {
  RETURN_IF_ERROR(context.ReadJsonBody().status());
  const std::string text = context.query().Get("version");
  const auto version =
      ParseGoUnsigned(text, std::numeric_limits<uint64_t>::max());
  if (version.ok()) return absl::OkStatus();
  return DockerError(400, absl::StrCat("invalid ", what, " version '", text,
                                       "': strconv.ParseUint: parsing \"", text,
                                       "\": ", version.status().message()));
}

// The same without it, for secrets and configs.
absl::Status CheckPlainUpdate(RequestContext& context, absl::string_view what) {
  RETURN_IF_ERROR(context.ReadJsonBody().status());
  const auto version = ParseGoUnsigned(context.query().Get("version"),
                                       std::numeric_limits<uint64_t>::max());
  if (version.ok()) return absl::OkStatus();
  return DockerError(400, absl::StrCat("invalid ", what, " version"));
}

}  // namespace

absl::Status CheckBody(const Peers&, RequestContext& context) {
  return context.ReadJsonBody().status();
}

absl::Status FindPlugin(const Peers&, RequestContext& context) {
  RETURN_IF_ERROR(context.ReadJsonBody().status());
  return UnknownPlugin(context.parameter());
}

absl::Status FindPluginToEnable(const Peers&, RequestContext& context) {
  const std::string timeout = context.query().Get("timeout");
  const auto seconds = ParseGoSigned(timeout);
  if (!seconds.ok()) {
    return DockerError(400, absl::StrCat("strconv.Atoi: parsing \"", timeout,
                                         "\": ", seconds.status().message()));
  }
  return UnknownPlugin(context.parameter());
}

absl::Status FindPluginToUpgrade(const Peers&, RequestContext& context) {
  RETURN_IF_ERROR(context.ReadJsonBody().status());
  const auto remote =
      oci::ParseReferenceWithDefaultTag(context.query().Get("remote"));
  if (!remote.ok()) return DockerError(400, "invalid reference format");
  const auto name = oci::ParseReferenceWithDefaultTag(context.parameter());
  return UnknownPlugin(name.ok() ? name->Familiar() : context.parameter());
}

absl::Status CheckServiceUpdate(const Peers&, RequestContext& context) {
  return CheckNumberedUpdate(context, "service");
}

absl::Status CheckNodeUpdate(const Peers&, RequestContext& context) {
  return CheckNumberedUpdate(context, "node");
}

absl::Status CheckSwarmUpdate(const Peers&, RequestContext& context) {
  return CheckNumberedUpdate(context, "swarm");
}

absl::Status CheckSecretUpdate(const Peers&, RequestContext& context) {
  return CheckPlainUpdate(context, "secret");
}

absl::Status CheckConfigUpdate(const Peers&, RequestContext& context) {
  return CheckPlainUpdate(context, "config");
}

absl::Status CheckServiceFilters(const Peers&, RequestContext& context) {
  static constexpr absl::string_view kKnown[] = {"id", "label", "mode", "name",
                                                 "runtime"};
  return CheckFilters(context, kKnown);
}

absl::Status CheckNodeFilters(const Peers&, RequestContext& context) {
  static constexpr absl::string_view kKnown[] = {
      "id", "label", "membership", "name", "node.label", "role"};
  return CheckFilters(context, kKnown);
}

absl::Status CheckTaskFilters(const Peers&, RequestContext& context) {
  return CheckFilters(context, {});
}

absl::Status CheckSecretFilters(const Peers&, RequestContext& context) {
  static constexpr absl::string_view kKnown[] = {"id", "label", "name",
                                                 "names"};
  return CheckFilters(context, kKnown);
}

absl::Status CheckLogStreams(const Peers&, RequestContext& context) {
  if (context.QueryBool("stdout") || context.QueryBool("stderr")) {
    return absl::OkStatus();
  }
  return DockerError(400, "must specify at least one of 'stdout' or 'stderr'");
}

absl::Status FindSourceOfCommit(const Peers& peers, RequestContext& context) {
  RETURN_IF_ERROR(context.ReadJsonBody().status());
  runtime::v1::GetContainerRequest request;
  request.set_reference(context.query().Get("container"));
  if (request.reference().empty()) {
    return DockerError(400, "invalid name or ID supplied: \"\"");
  }
  context.subject = request.reference();
  return peers.containers.GetContainer(request).status();
}

absl::Status FindImageToPush(const Peers& peers, RequestContext& context) {
  std::string name = context.parameter();
  const std::string tag = context.query().Get("tag");
  if (!tag.empty()) absl::StrAppend(&name, ":", tag);
  const auto reference = oci::ParseReferenceWithDefaultTag(name);
  image::v1::GetImageRequest request;
  request.set_name(name);
  const absl::Status found = peers.images.GetImage(request).status();
  if (!reference.ok() || !absl::IsNotFound(found)) return found;
  // Docker says so in the stream of its progress.
  JsonLines lines(context);
  RETURN_IF_ERROR(lines.Write(json::object{
      {"status",
       absl::StrCat("The push refers to repository [",
                    absl::StrCat(reference->domain, "/", reference->path),
                    "]")}}));
  const std::string why = absl::StrCat(
      "An image does not exist locally with the tag: ", context.parameter());
  return lines.Write(json::object{
      {"error", why}, {"errorDetail", json::object{{"message", why}}}});
}

absl::Status FindProfile(const Peers&, RequestContext& context) {
  static constexpr absl::string_view kProfiles[] = {
      "allocs", "block", "goroutine", "heap", "mutex", "threadcreate"};
  if (std::find(std::begin(kProfiles), std::end(kProfiles),
                context.parameter()) != std::end(kProfiles)) {
    return absl::OkStatus();
  }
  return context.RespondText(404, "text/plain; charset=utf-8",
                             "Unknown profile\n");
}

}  // namespace tug::gatewayd
