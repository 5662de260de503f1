// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "proto/tug/network/v1/network.pb.h"
#include "proto/tug/runtime/v1/container.pb.h"
#include "services/gatewayd/peers/peers.h"
#include "services/gatewayd/translate/filters.h"

namespace tug::gatewayd {

// The filters of GET /containers/json, with what they name looked up.
class ContainerFilter {
 public:
  // Docker's words for an unknown filter, a value that none can have, or an
  // unknown container in "before" and "since".
  static absl::StatusOr<ContainerFilter> Parse(const Peers& peers,
                                               const std::string& text);

  // A status is asked for: then stopped ones are listed, too.
  bool wants_all() const { return filters_.Has("status"); }

  // `sandbox` may be null.
  bool Matches(const runtime::v1::Container& container,
               const network::v1::Sandbox* sandbox) const;

 private:
  struct PortRange {
    uint32_t first;
    uint32_t last;
    std::string protocol;
  };

  absl::Status CheckValues();
  absl::Status LookUp(const Peers& peers);
  // "80", "80-90", "80-90/udp".
  static absl::StatusOr<PortRange> ParsePortRange(absl::string_view text);
  static absl::StatusOr<std::vector<PortRange>> ParsePorts(
      const Filters& filters, const char* key);
  bool MatchesState(const runtime::v1::Container& container) const;
  bool MatchesImage(const runtime::v1::Container& container) const;
  bool MatchesVolume(const runtime::v1::Container& container) const;
  bool MatchesNetwork(const runtime::v1::Container& container,
                      const network::v1::Sandbox* sandbox) const;
  bool MatchesPorts(const runtime::v1::Container& container,
                    const network::v1::Sandbox* sandbox) const;

  Filters filters_;
  std::optional<bool> is_task_;
  std::set<int64_t> exit_codes_;
  // Ids of the images that "ancestor" names.
  std::set<std::string> images_;
  std::optional<absl::Time> before_;
  std::optional<absl::Time> since_;
  std::vector<PortRange> publish_;
  std::vector<PortRange> expose_;
};

}  // namespace tug::gatewayd
