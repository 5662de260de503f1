// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "services/gatewayd/operations/prepare_volumes.h"
#include "services/gatewayd/streams/splice.h"

namespace tug::gatewayd {
namespace {

absl::Status DeclineContent(const Peers& peers, const EmptyVolume& volume) {
  volume::v1::PopulateVolumeRequest request;
  request.set_name(volume.name);
  request.set_nothing_to_copy(true);
  return peers.volumes.PopulateVolume(
      request, nullptr, [](const volume::v1::PopulateVolumeResponse&) {
        return absl::OkStatus();
      });
}

// Hands the stream of `source` to the volume.
absl::Status Populate(const Peers& peers, const EmptyVolume& volume, int source,
                      Cancellation* client_gone) {
  volume::v1::PopulateVolumeRequest request;
  request.set_name(volume.name);
  return peers.volumes.PopulateVolume(
      request, client_gone,
      [&](const volume::v1::PopulateVolumeResponse& response) -> absl::Status {
        if (!response.has_ticket()) return absl::OkStatus();
        ASSIGN_OR_RETURN(const UniqueFd target,
                         peers.tickets.Redeem(response.ticket()));
        // Where it breaks off, whoever fills the volume says why: a copy that
        // is cut off is no success there.
        CopyToEnd(source, target.get()).status().IgnoreError();
        return absl::OkStatus();
      });
}

}  // namespace

absl::Status CopyUp(const Peers& peers, const std::string& lease,
                    const EmptyVolume& volume, Cancellation* client_gone) {
  if (volume.no_copy) return DeclineContent(peers, volume);
  image::v1::ReadTreeRequest request;
  request.set_lease(lease);
  request.set_path(volume.destination);
  bool absent = false;
  absl::Status copied = peers.snapshots.ReadTree(
      request, client_gone,
      [&](const image::v1::ReadTreeResponse& response) -> absl::Status {
        absent = absent || response.absent();
        if (!response.has_ticket()) return absl::OkStatus();
        ASSIGN_OR_RETURN(const UniqueFd source,
                         peers.tickets.Redeem(response.ticket()));
        return Populate(peers, volume, source.get(), client_gone);
      });
  if (copied.ok() && absent) copied = DeclineContent(peers, volume);
  // Somebody else's container was first: its content stands.
  if (StatusReason(copied) == "VOLUME_POPULATED") return absl::OkStatus();
  return Annotate(copied,
                  absl::StrCat("copy ", volume.destination,
                               " of the image to volume ", volume.name));
}

}  // namespace tug::gatewayd
