// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/routes/containers/link_names.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/gatewayd/operations/sandbox_settings.h"

namespace tug::gatewayd {
namespace {

using runtime::v1::Container;

bool IsOnDefaultNetwork(const Container& container) {
  const std::string& mode = container.host_config().network_mode();
  return mode.empty() || mode == "default" || mode == "bridge";
}

// The container that a link's first half names, as a look-up would find it:
// by name, else by the beginning of its id. Null when there is none.
const Container* Find(const std::vector<Container>& containers,
                      absl::string_view reference) {
  absl::ConsumePrefix(&reference, "/");
  const Container* by_id = nullptr;
  for (const Container& container : containers) {
    if (container.name() == reference) return &container;
    if (absl::StartsWith(container.id(), reference)) by_id = &container;
  }
  return by_id;
}

}  // namespace

LinkNames LinkNamesOf(const std::vector<Container>& containers) {
  LinkNames names;
  for (const Container& container : containers) {
    if (!IsOnDefaultNetwork(container)) continue;
    for (const std::string& text : container.host_config().links().values()) {
      const LinkText link = ParseLink(text);
      const Container* const target = Find(containers, link.container);
      if (target == nullptr) continue;
      names[target->id()].insert(
          absl::StrCat("/", container.name(), "/", link.alias));
    }
  }
  return names;
}

}  // namespace tug::gatewayd
