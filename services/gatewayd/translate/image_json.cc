// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/translate/image_json.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "lib/oci/reference.h"
#include "services/gatewayd/translate/json_values.h"
#include "services/gatewayd/translate/times.h"

namespace tug::gatewayd {
namespace {

namespace json = boost::json;
using image::v1::Image;
using image::v1::ImageConfig;
using image::v1::ManifestSummary;

constexpr ApiVersion kOmitsEmpty = {1, 52};

json::array Familiar(
    const google::protobuf::RepeatedPtrField<std::string>& references) {
  json::array array;
  for (const std::string& reference : references) {
    array.emplace_back(FamiliarReference(reference));
  }
  return array;
}

json::object EncodePlatform(const image::v1::Platform& platform) {
  json::object object;
  object["architecture"] = platform.architecture();
  object["os"] = platform.os();
  if (!platform.os_version().empty()) {
    object["os.version"] = platform.os_version();
  }
  if (!platform.variant().empty()) object["variant"] = platform.variant();
  return object;
}

json::object EncodeImageData(const ManifestSummary& manifest) {
  json::object data;
  data["Platform"] = EncodePlatform(manifest.target().platform());
  data["Size"] = json::object{{"Unpacked", manifest.unpacked_size()}};
  data["Containers"] = nullptr;
  if (!manifest.leases().empty())
    data["Containers"] = EncodeStrings(manifest.leases());
  return data;
}

// `whole`: the image is this manifest alone. Its platform then stands beside
// the descriptor only; an index has it in the descriptor, too.
json::object EncodeManifest(const ManifestSummary& manifest, bool whole) {
  json::object object;
  object["ID"] = manifest.target().digest();
  json::object descriptor = EncodeDescriptor(manifest.target());
  if (whole) descriptor.erase("platform");
  object["Descriptor"] = std::move(descriptor);
  object["Available"] = manifest.available();
  object["Size"] = json::object{
      {"Content", manifest.content_size()},
      {"Total", manifest.content_size() + manifest.unpacked_size()}};
  switch (manifest.kind()) {
    case ManifestSummary::IMAGE:
      object["Kind"] = "image";
      object["ImageData"] = EncodeImageData(manifest);
      break;
    case ManifestSummary::ATTESTATION:
      object["Kind"] = "attestation";
      object["AttestationData"] =
          json::object{{"For", manifest.attestation_for()}};
      break;
    default:
      object["Kind"] = "unknown";
  }
  return object;
}

json::array EncodeManifests(const Image& image) {
  json::array array;
  for (const ManifestSummary& manifest : image.manifests()) {
    array.push_back(EncodeManifest(
        manifest, manifest.target().digest() == image.target().digest()));
  }
  return array;
}

json::object EncodeHealth(const image::v1::HealthConfig& health) {
  json::object object;
  if (!health.test().empty()) object["Test"] = EncodeStrings(health.test());
  const std::pair<const char*, int64_t> numbers[] = {
      {"Interval", health.interval()},
      {"Timeout", health.timeout()},
      {"StartPeriod", health.start_period()},
      {"StartInterval", health.start_interval()},
      {"Retries", health.retries()}};
  for (const auto& [name, value] : numbers) {
    if (value != 0) object[name] = value;
  }
  return object;
}

// Fields that no version shows empty.
void AddOptionalConfig(const ImageConfig& config, json::object& object) {
  if (!config.exposed_ports().empty()) {
    object["ExposedPorts"] = EncodeKeys(config.exposed_ports());
  }
  if (!config.stop_signal().empty()) {
    object["StopSignal"] = config.stop_signal();
  }
  if (config.has_healthcheck()) {
    object["Healthcheck"] = EncodeHealth(config.healthcheck());
  }
  if (config.has_shell() && !config.shell().values().empty()) {
    object["Shell"] = EncodeStrings(config.shell().values());
  }
  if (config.args_escaped()) object["ArgsEscaped"] = true;
}

// `value`, or null when empty; nothing when `omit`.
void Add(const char* name, bool empty, bool omit, json::value value,
         json::object& object) {
  if (empty && omit) return;
  object[name] = empty && !value.is_string() ? json::value(nullptr) : value;
}

// Fields of the container's Config that images never set; shown before 1.50.
void AddContainerOnlyConfig(json::object& object) {
  for (const char* name : {"AttachStderr", "AttachStdin", "AttachStdout",
                           "OpenStdin", "StdinOnce", "Tty"}) {
    object[name] = false;
  }
  for (const char* name : {"Domainname", "Hostname", "Image"}) {
    object[name] = "";
  }
}

json::object EncodeImageConfig(const ImageConfig& config, ApiVersion version) {
  const bool omit = version >= kOmitsEmpty;
  json::object object;
  if (version < ApiVersion{1, 50}) AddContainerOnlyConfig(object);
  Add("User", config.user().empty(), omit, json::value(config.user()), object);
  Add("Env", config.env().empty(), omit, EncodeStrings(config.env()), object);
  Add("Cmd", config.cmd().values().empty(), omit,
      EncodeStrings(config.cmd().values()), object);
  Add("Entrypoint", config.entrypoint().values().empty(), omit,
      EncodeStrings(config.entrypoint().values()), object);
  Add("Volumes", config.volumes().empty(), omit, EncodeKeys(config.volumes()),
      object);
  Add("WorkingDir", config.working_dir().empty(), omit,
      json::value(config.working_dir()), object);
  Add("Labels", config.labels().empty(), omit, EncodeStringMap(config.labels()),
      object);
  Add("OnBuild", config.on_build().empty(), omit,
      EncodeStrings(config.on_build()), object);
  AddOptionalConfig(config, object);
  return object;
}

// What the platform's blobs take, without what is unpacked.
int64_t ContentSize(const Image& image) {
  for (const ManifestSummary& manifest : image.manifests()) {
    if (manifest.target().digest() == image.manifest().digest()) {
      return manifest.content_size();
    }
  }
  return image.size();
}

std::string Comment(const Image& image) {
  return image.history().empty()
             ? ""
             : image.history(image.history_size() - 1).comment();
}

// What 1.52 dropped, and what earlier versions dropped before it.
void AddLegacyInspect(const Image& image, ApiVersion version,
                      json::object& object) {
  object["DockerVersion"] = "";
  object["Parent"] = "";
  object["GraphDriver"] =
      json::object{{"Data", nullptr}, {"Name", "overlayfs"}};
  if (version < ApiVersion{1, 45}) {
    object["Container"] = "";
    object["ContainerConfig"] = nullptr;
  }
  if (version < ApiVersion{1, 44}) object["VirtualSize"] = ContentSize(image);
}

json::array RootLayers(const Image& image) {
  return EncodeStrings(image.diff_ids());
}

}  // namespace

std::string FamiliarReference(const std::string& reference) {
  const auto parsed = oci::ParseReference(reference);
  return parsed.ok() ? parsed->Familiar() : reference;
}

json::object EncodeDescriptor(const image::v1::Descriptor& descriptor) {
  json::object object;
  object["mediaType"] = descriptor.media_type();
  object["digest"] = descriptor.digest();
  object["size"] = descriptor.size();
  if (!descriptor.annotations().empty()) {
    object["annotations"] = EncodeStringMap(descriptor.annotations());
  }
  if (descriptor.has_platform()) {
    object["platform"] = EncodePlatform(descriptor.platform());
  }
  return object;
}

json::object EncodeManifestDescriptor(const Image& image) {
  image::v1::Descriptor manifest = image.manifest();
  if (!manifest.has_platform()) {
    manifest.mutable_platform()->set_architecture(image.architecture());
    manifest.mutable_platform()->set_os(image.os());
    manifest.mutable_platform()->set_variant(image.variant());
  }
  return EncodeDescriptor(manifest);
}

json::object EncodeImageSummary(const Image& image, int64_t shared_size,
                                bool manifests, ApiVersion version) {
  json::object object;
  object["Containers"] =
      version >= ApiVersion{1, 51} ? image.snapshot_count() : -1;
  object["Created"] = image.created().seconds();
  object["Id"] = image.id();
  object["Labels"] = EncodeStringMap(image.config().labels());
  object["ParentId"] = "";
  if (version >= ApiVersion{1, 48}) {
    object["Descriptor"] = EncodeDescriptor(image.target());
  }
  if (manifests && version >= ApiVersion{1, 47}) {
    object["Manifests"] = EncodeManifests(image);
  }
  json::array digests = Familiar(image.digest_references());
  json::array tags = Familiar(image.references());
  if (version < ApiVersion{1, 43} && tags.empty()) {
    tags.emplace_back("<none>:<none>");
    if (digests.empty()) digests.emplace_back("<none>@<none>");
  }
  object["RepoDigests"] = std::move(digests);
  object["RepoTags"] = std::move(tags);
  object["SharedSize"] = shared_size;
  object["Size"] = image.size();
  if (version < ApiVersion{1, 44}) object["VirtualSize"] = image.size();
  return object;
}

json::object EncodeImageInspect(const Image& image, bool manifests,
                                ApiVersion version) {
  const bool omit = version >= kOmitsEmpty;
  json::object object;
  object["Id"] = image.id();
  object["RepoTags"] = Familiar(image.references());
  object["RepoDigests"] = Familiar(image.digest_references());
  Add("Comment", Comment(image).empty(), omit, json::value(Comment(image)),
      object);
  const bool created = image.has_created();
  if (created || version < ApiVersion{1, 44}) {
    object["Created"] = Rfc3339(image.created());
  }
  Add("Author", image.author().empty(), omit, json::value(image.author()),
      object);
  object["Config"] = EncodeImageConfig(image.config(), version);
  object["Architecture"] = image.architecture();
  if (!image.variant().empty()) object["Variant"] = image.variant();
  object["Os"] = image.os();
  object["Size"] = ContentSize(image);
  object["RootFS"] =
      json::object{{"Type", "layers"}, {"Layers", RootLayers(image)}};
  object["Metadata"] =
      json::object{{"LastTagTime", Rfc3339(image.last_tagged())}};
  if (version >= ApiVersion{1, 48}) {
    object["Descriptor"] = EncodeDescriptor(image.target());
  }
  if (manifests) {
    object["Manifests"] = EncodeManifests(image);
  }
  if (!omit) AddLegacyInspect(image, version, object);
  return object;
}

json::array EncodeImageHistory(const Image& image) {
  json::array array;
  int layer = image.layer_sizes_size();
  for (int i = image.history_size() - 1; i >= 0; --i) {
    const image::v1::History& step = image.history(i);
    const bool newest = i == image.history_size() - 1;
    json::object object;
    object["Comment"] = step.comment();
    object["Created"] = step.created().seconds();
    object["CreatedBy"] = step.created_by();
    object["Id"] = newest ? image.id() : "<missing>";
    const bool counted = !step.empty_layer() && layer > 0;
    object["Size"] = counted ? image.layer_sizes(--layer) : 0;
    object["Tags"] = nullptr;
    if (newest && !image.references().empty()) {
      object["Tags"] = Familiar(image.references());
    }
    array.push_back(std::move(object));
  }
  return array;
}

std::vector<int64_t> SharedSizes(const std::vector<Image>& images) {
  // A layer is shared when everything below it is the same too.
  std::map<std::string, int> users;
  const auto for_each_chain = [](const Image& image, auto visit) {
    std::string chain;
    for (int i = 0; i < image.diff_ids_size(); ++i) {
      absl::StrAppend(&chain, image.diff_ids(i), "/");
      visit(chain, i < image.layer_sizes_size() ? image.layer_sizes(i) : 0);
    }
  };
  for (const Image& image : images) {
    for_each_chain(image,
                   [&](const std::string& chain, int64_t) { ++users[chain]; });
  }
  std::vector<int64_t> sizes;
  for (const Image& image : images) {
    int64_t shared = 0;
    for_each_chain(image, [&](const std::string& chain, int64_t size) {
      if (users[chain] > 1) shared += size;
    });
    sizes.push_back(shared);
  }
  return sizes;
}

}  // namespace tug::gatewayd
