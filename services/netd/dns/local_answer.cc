// SPDX-License-Identifier: Apache-2.0
#include "services/netd/dns/local_answer.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace tug::netd::dns {
namespace {

using Found = std::vector<NameDirectory::Addresses>;

// What `name` stands for on one network: itself, a link's target, or either
// with the network's name behind it.
Found FindOn(const DnsView::Network& network, absl::string_view name,
             const DnsView& view, const NameDirectory& directory) {
  for (const auto& [alias, target] : view.links) {
    if (absl::EqualsIgnoreCase(alias, name)) {
      return directory.Find(network.id, target);
    }
  }
  return directory.Find(network.id, name);
}

Found FindName(const Question& question, const DnsView& view,
               const NameDirectory& directory) {
  for (const DnsView::Network& network : view.networks) {
    Found found = FindOn(network, question.name, view, directory);
    if (!found.empty()) return found;
    absl::string_view shorter = question.name;
    const std::string suffix =
        absl::AsciiStrToLower(absl::StrCat(".", network.name));
    if (!absl::ConsumeSuffix(&shorter, suffix)) continue;
    found = FindOn(network, shorter, view, directory);
    if (!found.empty()) return found;
  }
  return {};
}

std::optional<Answer> AnswerPointer(const Question& question,
                                    const DnsView& view,
                                    const NameDirectory& directory) {
  const auto address = ParseReverseName(question.name);
  if (!address.ok()) return std::nullopt;
  for (const DnsView::Network& network : view.networks) {
    const std::string name = directory.FindName(network.id, *address);
    if (name.empty()) continue;
    Answer answer;
    answer.pointer = absl::StrCat(name, ".", network.name);
    return answer;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Answer> AnswerLocally(const Question& question,
                                    const DnsView& view,
                                    const NameDirectory& directory) {
  if (question.klass != kClassIn) return std::nullopt;
  if (question.type == kTypePtr) {
    return AnswerPointer(question, view, directory);
  }
  const Found found = FindName(question, view, directory);
  if (found.empty()) return std::nullopt;
  Answer answer;
  for (const NameDirectory::Addresses& one : found) {
    if (question.type == kTypeA && one.v4.has_value()) {
      answer.addresses.push_back(*one.v4);
    }
    if (question.type == kTypeAaaa && one.v6.has_value()) {
      answer.addresses.push_back(*one.v6);
    }
  }
  // Several containers of one alias share the load: each question begins
  // elsewhere, by its random id.
  if (!answer.addresses.empty()) {
    const size_t first = question.id % answer.addresses.size();
    std::rotate(answer.addresses.begin(),
                answer.addresses.begin() + static_cast<ptrdiff_t>(first),
                answer.addresses.end());
  }
  return answer;
}

bool MayForward(const Question& question, const DnsView& view) {
  if (!view.forward || view.upstreams.empty()) return false;
  const bool address = question.type == kTypeA || question.type == kTypeAaaa;
  return !(view.ndots_set && address && !absl::StrContains(question.name, '.'));
}

}  // namespace tug::netd::dns
