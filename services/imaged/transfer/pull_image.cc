// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/transfer/pull_image.h"

#include <algorithm>
#include <set>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "lib/base/log.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/oci/json.h"
#include "lib/oci/reference.h"
#include "services/imaged/images/convert.h"
#include "services/imaged/layers/ensure_layers.h"
#include "services/imaged/transfer/fetch_layer.h"

namespace tug::imaged {
namespace {

using image::v1::LayerProgress;

// How long a failed pull waits for its transfers to clean up, so that nothing
// of it is left when it answers.
constexpr absl::Duration kCleanUpPatience = absl::Seconds(1);

absl::Status Invalid(absl::string_view why) {
  return WithReason(absl::InvalidArgumentError(why), "MANIFEST_INVALID");
}

// A pull on its way; used by one thread.
class Pull {
 public:
  Pull(const TransferParts& parts, RegistryPeer& registry,
       LayerFlights& flights, RemoteRepository remote, const OnLayer& on_layer,
       const Cancelled& cancelled)
      : parts_(parts),
        registry_(registry),
        flights_(flights),
        remote_(std::move(remote)),
        on_layer_(on_layer),
        cancelled_(cancelled),
        pins_(parts.pins) {}

  // Everything below `target` for `wanted`, stored and unpacked.
  absl::Status Fetch(const oci::Descriptor& target,
                     const std::optional<oci::Platform>& wanted);

  // Whether any byte had to be fetched.
  bool fetched() const { return fetched_; }

 private:
  // One distinct layer of the image.
  struct Layer {
    oci::Descriptor blob;
    oci::Digest diff_id;
    std::shared_ptr<LayerFlight> flight;
    bool started = false;
    bool done = false;
    int told_state = 0;
    int64_t told_current = -1;
  };

  absl::StatusOr<std::shared_ptr<const oci::Document>> FetchDocument(
      const oci::Descriptor& descriptor);
  absl::StatusOr<std::shared_ptr<const ConfigDocument>> FetchConfig(
      const oci::Descriptor& descriptor);
  absl::Status FetchManifest(const oci::Digest& digest,
                             const oci::Manifest& manifest,
                             const std::optional<oci::Platform>& wanted);
  absl::Status CollectLayers(const oci::Manifest& manifest,
                             const oci::ImageConfig& config);
  absl::Status FetchLayers();
  void StartMore();
  // Looks at every flight once; true when all have ended well.
  absl::StatusOr<bool> Check();
  void Tell(Layer& layer, LayerProgress::State state, int64_t current);

  const TransferParts& parts_;
  RegistryPeer& registry_;
  LayerFlights& flights_;
  const RemoteRepository remote_;
  const OnLayer& on_layer_;
  const Cancelled& cancelled_;
  PinSet::Scope pins_;
  std::vector<Layer> layers_;
  bool fetched_ = false;
};

absl::StatusOr<std::shared_ptr<const oci::Document>> Pull::FetchDocument(
    const oci::Descriptor& descriptor) {
  pins_.Add(descriptor.digest);
  if (!parts_.blobs.Size(descriptor.digest).ok()) {
    fetched_ = true;
    ASSIGN_OR_RETURN(const RegistryPeer::Manifest manifest,
                     registry_.GetManifest(remote_, descriptor.digest));
    // Never stored under a name that its bytes do not have.
    if (oci::Digest::Of(manifest.content) != descriptor.digest) {
      return WithReason(absl::DataLossError(absl::StrCat(
                            "manifest ", descriptor.digest.ToString(),
                            ": the bytes that came have digest ",
                            oci::Digest::Of(manifest.content).ToString())),
                        "DIGEST_MISMATCH");
    }
    RETURN_IF_ERROR(
        oci::ParseManifestOrIndex(manifest.content, descriptor.media_type)
            .status());
    RETURN_IF_ERROR(PutBlob(parts_.blobs, manifest.content).status());
  }
  return parts_.documents.Document(descriptor);
}

absl::StatusOr<std::shared_ptr<const ConfigDocument>> Pull::FetchConfig(
    const oci::Descriptor& descriptor) {
  if (descriptor.size > static_cast<int64_t>(oci::kMaxDocumentSize)) {
    return Invalid(absl::StrCat("config of ", descriptor.size,
                                " bytes, at most ", oci::kMaxDocumentSize));
  }
  pins_.Add(descriptor.digest);
  if (!parts_.blobs.Size(descriptor.digest).ok()) {
    fetched_ = true;
    ASSIGN_OR_RETURN(const std::unique_ptr<archive::Source> source,
                     registry_.ReadBlob(remote_, descriptor.digest, 0,
                                        descriptor.size, cancelled_));
    const absl::StatusOr<std::string> text =
        archive::ReadAll(*source, static_cast<size_t>(descriptor.size));
    if (absl::IsResourceExhausted(text.status())) {
      return WithReason(
          absl::DataLossError("config is longer than its descriptor says"),
          "DIGEST_MISMATCH");
    }
    RETURN_IF_ERROR(text.status());
    ASSIGN_OR_RETURN(const std::unique_ptr<BlobWriter> writer,
                     parts_.blobs.Write(""));
    RETURN_IF_ERROR(writer->Write(*text));
    RETURN_IF_ERROR(writer->Commit(&descriptor.digest).status());
  }
  return parts_.documents.Config(descriptor.digest);
}

absl::Status Pull::Fetch(const oci::Descriptor& target,
                         const std::optional<oci::Platform>& wanted) {
  ASSIGN_OR_RETURN(const auto document, FetchDocument(target));
  if (const auto* manifest = std::get_if<oci::Manifest>(document.get())) {
    return FetchManifest(target.digest, *manifest, wanted);
  }
  ASSIGN_OR_RETURN(const oci::Descriptor selected,
                   oci::SelectPlatform(std::get<oci::Index>(*document),
                                       wanted.value_or(oci::HostPlatform())));
  ASSIGN_OR_RETURN(const auto below, FetchDocument(selected));
  const auto* manifest = std::get_if<oci::Manifest>(below.get());
  if (manifest == nullptr) return Invalid("an index inside an index");
  // The index has chosen the platform; configs are often less precise.
  return FetchManifest(selected.digest, *manifest, std::nullopt);
}

absl::Status Pull::FetchManifest(const oci::Digest& digest,
                                 const oci::Manifest& manifest,
                                 const std::optional<oci::Platform>& wanted) {
  const std::string& type = manifest.config.media_type;
  if (type != oci::kMediaTypeOciConfig && type != oci::kMediaTypeDockerConfig) {
    return Invalid(absl::StrCat(
        "not a container image: its config is of type \"", type, "\""));
  }
  ASSIGN_OR_RETURN(const auto config, FetchConfig(manifest.config));
  RETURN_IF_ERROR(oci::CheckImageConfigSize(config->config));
  const oci::Platform& own = config->config.platform;
  if (wanted && oci::PlatformMatch(*wanted, own) == 0) {
    return WithReason(
        absl::NotFoundError(absl::StrCat("the image is for ", own.ToString(),
                                         ", not for ", wanted->ToString())),
        "PLATFORM_UNKNOWN");
  }
  RETURN_IF_ERROR(CheckLayerCount(manifest, config->config));
  RETURN_IF_ERROR(CollectLayers(manifest, config->config));
  RETURN_IF_ERROR(FetchLayers());
  return BuildStack(parts_.stacks, digest, manifest, config->config,
                    cancelled_);
}

absl::Status Pull::CollectLayers(const oci::Manifest& manifest,
                                 const oci::ImageConfig& config) {
  std::set<oci::Digest> seen;
  for (size_t i = 0; i < manifest.layers.size(); ++i) {
    const oci::Descriptor& blob = manifest.layers[i];
    if (!oci::IsLayerType(blob.media_type)) {
      return Invalid(absl::StrCat("layer ", blob.digest.ToString(),
                                  " is of unknown type \"", blob.media_type,
                                  "\""));
    }
    pins_.Add(blob.digest);
    pins_.Add(config.diff_ids[i]);
    if (!seen.insert(blob.digest).second) continue;
    Layer layer;
    layer.blob = blob;
    layer.diff_id = config.diff_ids[i];
    layers_.push_back(std::move(layer));
  }
  return absl::OkStatus();
}

void Pull::Tell(Layer& layer, LayerProgress::State state, int64_t current) {
  if (layer.told_state == state && layer.told_current == current) return;
  layer.told_state = state;
  layer.told_current = current;
  LayerProgress progress;
  progress.set_digest(layer.blob.digest.ToString());
  progress.set_state(state);
  progress.set_current(current);
  progress.set_total(layer.blob.size);
  on_layer_(progress);
}

void Pull::StartMore() {
  int running = 0;
  for (const Layer& layer : layers_) running += layer.started && !layer.done;
  for (Layer& layer : layers_) {
    if (running >= kMaxParallelLayers) return;
    if (layer.started) continue;
    layer.started = true;
    if (parts_.layers.Find(layer.diff_id).ok() &&
        parts_.blobs.Size(layer.blob.digest).ok()) {
      layer.done = true;
      Tell(layer, LayerProgress::ALREADY_EXISTS, 0);
      continue;
    }
    fetched_ = true;
    ++running;
    // The flight may outlive this pull, so it owns what it needs.
    const FetchLayerRequest request = {remote_, layer.blob, layer.diff_id};
    layer.flight = flights_.Join(
        layer.blob.digest,
        [&parts = parts_, &registry = registry_, request](LayerFlight& flight) {
          return FetchLayer(parts, registry, request, flight);
        });
  }
}

absl::StatusOr<bool> Pull::Check() {
  bool all = true;
  for (Layer& layer : layers_) {
    if (layer.done || layer.flight == nullptr) {
      all = all && layer.done;
      continue;
    }
    const LayerFlight::Status status = layer.flight->status();
    if (!status.outcome) {
      Tell(layer, status.state, status.current);
      all = false;
      continue;
    }
    if (!status.outcome->ok()) {
      return Annotate(*status.outcome, layer.blob.digest.ToString());
    }
    layer.done = true;
    // A flight of another image with the same blob has checked that one's
    // config, not ours.
    if (!parts_.layers.Find(layer.diff_id).ok()) {
      return WithReason(absl::InvalidArgumentError(absl::StrCat(
                            "layer ", layer.blob.digest.ToString(),
                            " does not hold what the image's config says")),
                        "LAYER_INVALID");
    }
    Tell(layer, LayerProgress::COMPLETE, layer.blob.size);
  }
  return all;
}

absl::Status Pull::FetchLayers() {
  for (Layer& layer : layers_) Tell(layer, LayerProgress::PENDING, 0);
  const absl::Cleanup leave = [this] {
    for (Layer& layer : layers_) {
      if (layer.flight != nullptr) flights_.Leave(layer.flight);
    }
    const absl::Time deadline = absl::Now() + kCleanUpPatience;
    for (Layer& layer : layers_) {
      if (layer.flight != nullptr) flights_.AwaitEnd(layer.flight, deadline);
    }
  };
  // Short steps at first: small images are there within milliseconds.
  absl::Duration pause = absl::Milliseconds(2);
  while (true) {
    StartMore();
    ASSIGN_OR_RETURN(const bool all, Check());
    if (all) return absl::OkStatus();
    if (cancelled_()) return absl::CancelledError("the caller has left");
    absl::SleepFor(pause);
    pause = std::min(pause * 2, kProgressInterval);
  }
}

}  // namespace

absl::StatusOr<image::v1::PullResult> PullImage(
    const TransferParts& parts, RegistryPeer& registry, LayerFlights& flights,
    const image::v1::PullImageRequest& request, const OnLayer& on_layer,
    const Cancelled& cancelled) {
  ASSIGN_OR_RETURN(const oci::Reference reference,
                   oci::ParseReferenceWithDefaultTag(request.reference()));
  ASSIGN_OR_RETURN(const oci::Descriptor target, FromProto(request.resolved()));
  // A name with tag and digest is known by its digest.
  oci::Reference name = reference;
  if (!name.digest.empty()) name.tag.clear();
  const std::shared_ptr<const NameMap> names = parts.catalog.Names();
  const auto before = names->find(name.ToString());
  const bool same =
      before != names->end() && before->second.target.digest == target.digest;

  bool up_to_date = false;
  absl::Status status;
  {
    Pull pull(parts, registry, flights,
              {request.registry_session(), reference.Repository()}, on_layer,
              cancelled);
    status = pull.Fetch(target, FromProto(request.platform()));
    up_to_date = same && !pull.fetched();
    if (status.ok() && !up_to_date) {
      status = parts.catalog.Put({name.ToString(), target, parts.clock.Now()})
                   .status();
    }
  }
  // After the pins have ended, so that the leftovers are seen.
  if (!status.ok()) {
    LogIfError(parts.collect().status(), "collect after a failed pull");
    return status;
  }
  parts.events.Publish("pull", name.Familiar(), name.FamiliarRepository(),
                       LabelsOf(parts.documents, target));
  image::v1::PullResult result;
  result.set_id(target.digest.ToString());
  result.set_up_to_date(up_to_date);
  return result;
}

}  // namespace tug::imaged
