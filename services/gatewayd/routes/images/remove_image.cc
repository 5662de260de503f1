// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "boost/json/array.hpp"
#include "boost/json/object.hpp"
#include "lib/base/id.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/gatewayd/routes/images/handlers.h"
#include "services/gatewayd/server/docker_error.h"
#include "services/gatewayd/translate/errors.h"
#include "services/gatewayd/translate/filters.h"
#include "services/gatewayd/translate/image_json.h"
#include "services/gatewayd/translate/times.h"

namespace tug::gatewayd {
namespace {

namespace json = boost::json;
using google::protobuf::RepeatedPtrField;

json::array EncodeDeletions(const RepeatedPtrField<std::string>& untagged,
                            const RepeatedPtrField<std::string>& deleted) {
  json::array array;
  for (const std::string& name : untagged) {
    array.push_back(json::object{{"Untagged", name}});
  }
  for (const std::string& digest : deleted) {
    array.push_back(json::object{{"Deleted", digest}});
  }
  return array;
}

bool IsRunning(ContainerClient& containers, const std::string& id) {
  runtime::v1::GetContainerRequest request;
  request.set_reference(id);
  const auto container = containers.GetContainer(request);
  return container.ok() &&
         (container->state() == runtime::v1::CONTAINER_STATE_RUNNING ||
          container->state() == runtime::v1::CONTAINER_STATE_PAUSED ||
          container->state() == runtime::v1::CONTAINER_STATE_RESTARTING);
}

// An image as errors speak of it.
struct SpokenImage {
  // With the tag where it was found by name, else what the user gave.
  std::string name;
  bool found_by_name = false;
  std::string short_id;
};

SpokenImage Describe(ImageClient& images, const std::string& name) {
  image::v1::GetImageRequest request;
  request.set_name(name);
  const auto image = images.GetImage(request);
  if (!image.ok()) return {name, false, name};
  SpokenImage spoken = {
      name, false,
      std::string(ShortId(absl::StripPrefix(image->id(), "sha256:")))};
  const std::string familiar = FamiliarImageName(name);
  for (const std::string& reference : image->references()) {
    if (FamiliarReference(reference) != familiar) continue;
    spoken.name = familiar;
    spoken.found_by_name = true;
  }
  return spoken;
}

// A name can always be taken away by force; an id only if nothing runs.
absl::Status InUse(const ImageRoutePeers& peers, const std::string& name,
                   const absl::Status& status) {
  const std::string lease = StatusMetadata(status)["lease"];
  const std::string container(ShortId(lease));
  const SpokenImage image = Describe(peers.images, name);
  const auto conflict = [&](absl::string_view force, absl::string_view why) {
    return DockerError(409, absl::StrCat("conflict: unable to delete ",
                                         image.name, " (", force, ") - ", why));
  };
  if (image.found_by_name) {
    return conflict(
        "must be forced",
        absl::StrCat("container ", container, " is using its referenced image ",
                     image.short_id));
  }
  if (IsRunning(peers.containers, lease)) {
    return conflict(
        "cannot be forced",
        absl::StrCat("image is being used by running container ", container));
  }
  return conflict(
      "must be forced",
      absl::StrCat("image is being used by stopped container ", container));
}

}  // namespace

absl::Status RemoveImage(const ImageRoutePeers& peers,
                         RequestContext& context) {
  if (!context.query().GetAll("platforms").empty()) {
    return DockerError(
        501,
        "removing single platforms of an image is not built yet: remove the "
        "whole image and pull the platforms that you need");
  }
  image::v1::RemoveImageRequest request;
  request.set_name(context.parameter());
  request.set_force(context.QueryBool("force"));
  request.set_no_prune(context.QueryBool("noprune"));
  const absl::StatusOr<image::v1::RemoveImageResponse> removed =
      peers.images.RemoveImage(request);
  if (StatusReason(removed.status()) == "IMAGE_IN_USE") {
    return InUse(peers, request.name(), removed.status());
  }
  RETURN_IF_ERROR(removed.status());
  return context.RespondJson(
      200, EncodeDeletions(removed->untagged(), removed->deleted()));
}

absl::Status PruneImages(const ImageRoutePeers& peers,
                         RequestContext& context) {
  static constexpr absl::string_view kKnown[] = {"dangling", "label", "label!",
                                                 "until"};
  ASSIGN_OR_RETURN(const Filters filters,
                   Filters::Parse(context.query().Get("filters"), kKnown));
  ASSIGN_OR_RETURN(const auto dangling, filters.Bool("dangling"));
  ASSIGN_OR_RETURN(const auto until, filters.ImageUntil(absl::Now()));
  image::v1::PruneImagesRequest request;
  request.set_all(!dangling.value_or(true));
  if (until.has_value()) *request.mutable_until() = ToTimestamp(*until);
  for (const std::string& label : filters.Values("label")) {
    request.add_labels(label);
  }
  for (const std::string& label : filters.Values("label!")) {
    request.add_without_labels(label);
  }
  ASSIGN_OR_RETURN(const image::v1::PruneImagesResponse pruned,
                   peers.images.PruneImages(request));
  json::array deletions = EncodeDeletions(pruned.untagged(), pruned.deleted());
  json::object answer;
  answer["ImagesDeleted"] = nullptr;
  if (!deletions.empty()) answer["ImagesDeleted"] = std::move(deletions);
  answer["SpaceReclaimed"] = pruned.space_reclaimed();
  return context.RespondJson(200, answer);
}

}  // namespace tug::gatewayd
