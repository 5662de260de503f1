// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "boost/json/array.hpp"
#include "boost/json/object.hpp"
#include "lib/base/status_macros.h"
#include "services/gatewayd/routes/containers/mount_json.h"
#include "services/gatewayd/routes/images/image_routes.h"
#include "services/gatewayd/routes/system/container_list.h"
#include "services/gatewayd/routes/system/handlers.h"
#include "services/gatewayd/routes/volumes/volume_routes.h"
#include "services/gatewayd/server/docker_error.h"
#include "services/gatewayd/translate/image_json.h"
#include "services/gatewayd/translate/status_prose.h"
#include "services/gatewayd/translate/volume_json.h"

namespace tug::gatewayd {
namespace {

namespace json = boost::json;

// One kind of object: its list, and the sums that 1.52 shows.
struct Usage {
  json::array items;
  int64_t active = 0;
  int64_t total = 0;
  int64_t reclaimable = 0;
};

absl::StatusOr<Usage> ImageUsage(const SystemParts& parts,
                                 RequestContext& context) {
  ASSIGN_OR_RETURN(const std::vector<image::v1::Image> images,
                   ListAllImages(parts.peers.images));
  const std::vector<int64_t> shared = SharedSizes(images);
  Usage usage;
  std::set<std::string> layers;
  for (size_t i = 0; i < images.size(); ++i) {
    const image::v1::Image& image = images[i];
    json::object item =
        EncodeImageSummary(image, shared[i], false, context.version());
    // Counted here whatever the version.
    item["Containers"] = image.snapshot_count();
    usage.items.push_back(std::move(item));
    // Layers that images share are there once.
    int64_t unpacked = 0;
    std::string chain;
    for (int l = 0; l < image.layer_sizes_size(); ++l) {
      absl::StrAppend(&chain, image.diff_ids(l), "/");
      if (!layers.insert(chain).second) continue;
      unpacked += image.layer_sizes(l);
    }
    int64_t own = image.size();
    for (const int64_t size : image.layer_sizes()) own -= size;
    own = std::max<int64_t>(own, 0) + unpacked;
    usage.total += own;
    if (image.snapshot_count() > 0) {
      ++usage.active;
    } else {
      usage.reclaimable += std::max<int64_t>(image.size() - shared[i], 0);
    }
  }
  return usage;
}

json::object EncodeContainer(const runtime::v1::Container& container,
                             const image::v1::GetUsageResponse& size) {
  std::vector<std::string> command = {container.path()};
  command.insert(command.end(), container.args().begin(),
                 container.args().end());
  json::object object;
  object["Id"] = container.id();
  object["Names"] = json::array{absl::StrCat("/", container.name())};
  object["Image"] = container.config().image();
  object["ImageID"] = container.image_id();
  object["Command"] = absl::StrJoin(command, " ");
  object["Created"] = container.created().seconds();
  object["Ports"] = json::array();
  object["SizeRw"] = size.writable_bytes();
  object["SizeRootFs"] = size.total_bytes();
  json::object labels;
  for (const auto& [key, value] : container.config().labels().values()) {
    labels[key] = value;
  }
  object["Labels"] = std::move(labels);
  object["State"] = std::string(StateWord(container.state()));
  object["Status"] = StatusProse(container, absl::Now());
  object["HostConfig"] =
      json::object{{"NetworkMode", container.host_config().network_mode()}};
  object["NetworkSettings"] = json::object{{"Networks", json::object()}};
  object["Mounts"] = EncodeMounts(container);
  return object;
}

absl::StatusOr<Usage> ContainerUsage(const SystemParts& parts) {
  ASSIGN_OR_RETURN(const auto containers,
                   ListAllContainers(parts.peers.containers));
  Usage usage;
  for (const runtime::v1::Container& container : containers) {
    image::v1::GetUsageRequest request;
    request.set_lease(container.id());
    const auto size = parts.peers.snapshots.GetUsage(request);
    // It may have gone meanwhile.
    if (absl::IsNotFound(size.status())) continue;
    RETURN_IF_ERROR(size.status());
    usage.items.push_back(EncodeContainer(container, *size));
    usage.total += size->writable_bytes();
    if (container.state() == runtime::v1::CONTAINER_STATE_RUNNING) {
      ++usage.active;
    } else {
      usage.reclaimable += size->writable_bytes();
    }
  }
  return usage;
}

absl::StatusOr<Usage> VolumeUsage(const SystemParts& parts) {
  ASSIGN_OR_RETURN(const std::vector<volume::v1::Volume> volumes,
                   ListAllVolumes(parts.peers.volumes, /*sizes=*/true));
  Usage usage;
  for (const volume::v1::Volume& volume : volumes) {
    json::object object = EncodeVolume(volume);
    object["UsageData"] = json::object{{"RefCount", volume.leases_size()},
                                       {"Size", volume.size()}};
    usage.items.push_back(std::move(object));
    const int64_t size = std::max<int64_t>(volume.size(), 0);
    usage.total += size;
    if (volume.leases().empty()) {
      usage.reclaimable += size;
    } else {
      ++usage.active;
    }
  }
  return usage;
}

json::object EncodeUsage(const Usage& usage, bool verbose) {
  json::object object;
  const std::pair<const char*, int64_t> sums[] = {
      {"ActiveCount", usage.active},
      {"TotalCount", static_cast<int64_t>(usage.items.size())},
      {"TotalSize", usage.total},
      {"Reclaimable", usage.reclaimable}};
  for (const auto& [name, value] : sums) {
    if (value != 0) object[name] = value;
  }
  if (verbose && !usage.items.empty()) object["Items"] = usage.items;
  return object;
}

// Adds one kind in the old shape, the new one, or both as Docker does.
void Add(const char* list, const char* sums, bool verbose, ApiVersion version,
         Usage usage, json::object& answer) {
  if (version >= ApiVersion{1, 52}) {
    answer[sums] = EncodeUsage(usage, verbose);
  }
  answer[list] = std::move(usage.items);
}

}  // namespace

absl::Status DiskUsage(const SystemParts& parts, RequestContext& context) {
  const std::vector<std::string> types = context.query().GetAll("type");
  const auto wants = [&](const char* type) {
    return types.empty() ||
           std::find(types.begin(), types.end(), type) != types.end();
  };
  for (const std::string& type : types) {
    if (type != "container" && type != "image" && type != "volume" &&
        type != "build-cache") {
      return DockerError(400, absl::StrCat("unknown object type: ", type));
    }
  }
  const ApiVersion version = context.version();
  const bool verbose = context.QueryBool("verbose");
  json::object answer;
  if (wants("image")) {
    ASSIGN_OR_RETURN(Usage usage, ImageUsage(parts, context));
    answer["LayersSize"] = usage.total;
    Add("Images", "ImageUsage", verbose, version, std::move(usage), answer);
  }
  if (wants("container")) {
    ASSIGN_OR_RETURN(Usage usage, ContainerUsage(parts));
    Add("Containers", "ContainerUsage", verbose, version, std::move(usage),
        answer);
  }
  if (wants("volume")) {
    ASSIGN_OR_RETURN(Usage usage, VolumeUsage(parts));
    Add("Volumes", "VolumeUsage", verbose, version, std::move(usage), answer);
  }
  if (wants("build-cache")) {
    Add("BuildCache", "BuildCacheUsage", verbose, version, {}, answer);
  }
  return context.RespondJson(200, answer);
}

}  // namespace tug::gatewayd
