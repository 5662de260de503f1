// SPDX-License-Identifier: Apache-2.0
#include "services/netd/firewall/firewall.h"

#include <libmnl/libmnl.h>
#include <libnftnl/set.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netlink.h>
#include <nftables/libnftables.h>
#include <sys/socket.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/netlink/socket.h"
#include "services/netd/firewall/nft_batch.h"
#include "services/netd/firewall/ruleset.h"
#include "services/netd/firewall/stored_elements.h"

namespace tug::netd {
namespace {

// So many elements fit into one message whatever their kind.
constexpr size_t kElementsPerMessage = 256;
// Longest name of a table that we take (the kernel: 255).
constexpr size_t kMaxTableName = 64;

bool IsTableName(const std::string& name) {
  if (name.empty() || name.size() > kMaxTableName) return false;
  if (!absl::ascii_isalpha(name[0])) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_isalnum(c) || c == '-' || c == '_';
  });
}

absl::Status RunCommands(const std::string& commands) {
  const std::unique_ptr<nft_ctx, decltype(&nft_ctx_free)> context(
      nft_ctx_new(NFT_CTX_DEFAULT), nft_ctx_free);
  if (context == nullptr) return absl::InternalError("cannot use nftables");
  nft_ctx_buffer_output(context.get());
  nft_ctx_buffer_error(context.get());
  if (nft_run_cmd_from_buffer(context.get(), commands.c_str()) == 0) {
    return absl::OkStatus();
  }
  return absl::InternalError(absl::StrCat(
      "set up nftables: ", nft_ctx_get_error_buffer(context.get())));
}

void FillElements(nlmsghdr* header, const std::string& table,
                  const Element* first, const Element* last) {
  const std::unique_ptr<nftnl_set, decltype(&nftnl_set_free)> set(
      nftnl_set_alloc(), nftnl_set_free);
  nftnl_set_set_str(set.get(), NFTNL_SET_TABLE, table.c_str());
  nftnl_set_set_str(set.get(), NFTNL_SET_NAME, first->set.c_str());
  for (; first != last; ++first) {
    nftnl_set_elem* const one = nftnl_set_elem_alloc();
    nftnl_set_elem_set(one, NFTNL_SET_ELEM_KEY, first->key.data(),
                       static_cast<uint32_t>(first->key.size()));
    if (!first->data.empty()) {
      nftnl_set_elem_set(one, NFTNL_SET_ELEM_DATA, first->data.data(),
                         static_cast<uint32_t>(first->data.size()));
    }
    nftnl_set_elem_add(set.get(), one);
  }
  nftnl_set_elems_nlmsg_build_payload(header, set.get());
}

// Adds messages for `elements`, which are sorted, so that those of one set
// stand together.
void AddMessages(NftBatch& batch, const std::string& table, uint16_t type,
                 uint16_t flags, const std::vector<Element>& elements) {
  const Element* const end = elements.data() + elements.size();
  for (const Element* first = elements.data(); first != end;) {
    const Element* last = first;
    while (last != end && last->family == first->family &&
           last->set == first->set &&
           last - first < static_cast<ptrdiff_t>(kElementsPerMessage)) {
      ++last;
    }
    batch.Add(
        type, first->family, flags,
        absl::StrCat(type == NFT_MSG_NEWSETELEM ? "add" : "remove",
                     " elements of nftables set ", first->set),
        [&](nlmsghdr* header) { FillElements(header, table, first, last); });
    first = last;
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<Firewall>> Firewall::Open(
    const std::string& table, const ForwardGuards& guards) {
  if (!IsTableName(table)) {
    return absl::InvalidArgumentError(
        absl::StrCat("table-name '", table,
                     "': want a letter, then letters, digits, '-' and '_'"));
  }
  RETURN_IF_ERROR(RunCommands(SetupCommands(table, guards)));
  return std::unique_ptr<Firewall>(new Firewall(table, guards));
}

absl::Status Firewall::Change(const std::vector<Element>& remove,
                              const std::vector<Element>& add) const {
  if (remove.empty() && add.empty()) return absl::OkStatus();
  absl::Status status;
  {
    absl::ReaderMutexLock lock(&table_mutex_);
    status = TryChange(remove, add);
  }
  if (status.ok()) return status;
  // Ours was wrong, or the table is not what we left.
  absl::MutexLock lock(&table_mutex_);
  const auto was_different = RestoreLocked();
  if (!was_different.ok()) return was_different.status();
  return *was_different ? TryChange(remove, add) : status;
}

absl::Status Firewall::TryChange(const std::vector<Element>& remove,
                                 const std::vector<Element>& add) const {
  std::vector<Element> leaving = remove;
  std::vector<Element> coming = add;
  // A removal is by key; data would have to match.
  for (Element& element : leaving) element.data.clear();
  std::sort(leaving.begin(), leaving.end());
  std::sort(coming.begin(), coming.end());
  NftBatch batch;
  AddMessages(batch, table_, NFT_MSG_DELSETELEM, 0, leaving);
  AddMessages(batch, table_, NFT_MSG_NEWSETELEM, NLM_F_CREATE, coming);
  ASSIGN_OR_RETURN(netlink::Socket socket, TakeSocket());
  const absl::Status status = batch.Commit(socket.fd());
  // After a failure answers may be left over in it.
  if (!status.ok()) return status;
  KeepSocket(std::move(socket));
  Remember(remove, add);
  return absl::OkStatus();
}

void Firewall::Remember(const std::vector<Element>& remove,
                        const std::vector<Element>& add) const {
  absl::MutexLock lock(&mutex_);
  for (const Element& element : remove) elements_.erase(element);
  elements_.insert(add.begin(), add.end());
}

std::set<Element> Firewall::GuardElements() const {
  std::set<Element> elements;
  for (const auto& [family, interfaces] : guards_) {
    for (const std::string& interface : interfaces) {
      elements.insert(RoutedBeforeElement(family, interface));
    }
  }
  return elements;
}

absl::Status Firewall::Guard(int family,
                             const std::vector<std::string>& routed_before) {
  absl::MutexLock lock(&table_mutex_);
  ForwardGuards guards = guards_;
  guards[family] = routed_before;
  RETURN_IF_ERROR(RunCommands(SetupCommands(table_, guards)));
  guards_ = std::move(guards);
  std::vector<Element> passing;
  for (const std::string& interface : routed_before) {
    passing.push_back(RoutedBeforeElement(family, interface));
  }
  if (passing.empty()) return absl::OkStatus();
  return TryChange({}, passing);
}

absl::Status Firewall::Restore() const {
  absl::MutexLock lock(&table_mutex_);
  return RestoreLocked().status();
}

absl::StatusOr<bool> Firewall::RestoreLocked() const {
  RETURN_IF_ERROR(RunCommands(SetupCommands(table_, guards_)));
  std::set<Element> target = GuardElements();
  {
    absl::MutexLock lock(&mutex_);
    target.insert(elements_.begin(), elements_.end());
  }
  return RemoveDifference(target);
}

absl::StatusOr<netlink::Socket> Firewall::TakeSocket() const {
  {
    absl::MutexLock lock(&mutex_);
    if (!idle_.empty()) {
      netlink::Socket socket = std::move(idle_.back());
      idle_.pop_back();
      return socket;
    }
  }
  return netlink::Socket::Open(NETLINK_NETFILTER);
}

void Firewall::KeepSocket(netlink::Socket socket) const {
  absl::MutexLock lock(&mutex_);
  if (idle_.size() < kMaxIdleSockets) idle_.push_back(std::move(socket));
}

absl::StatusOr<bool> Firewall::RemoveDifference(
    const std::set<Element>& target) const {
  ASSIGN_OR_RETURN(const netlink::Socket socket,
                   netlink::Socket::Open(NETLINK_NETFILTER));
  ASSIGN_OR_RETURN(const std::set<Element> stored,
                   ReadStoredElements(socket.fd(), table_));
  std::vector<Element> stale;
  std::set_difference(stored.begin(), stored.end(), target.begin(),
                      target.end(), std::back_inserter(stale));
  std::vector<Element> missing;
  std::set_difference(target.begin(), target.end(), stored.begin(),
                      stored.end(), std::back_inserter(missing));
  {
    absl::MutexLock lock(&mutex_);
    if (!is_complete_) {
      // What an earlier run has left serves its containers. Only what would
      // stand in the way of a missing one, another target of its port, goes.
      std::set<Element> keys;
      for (Element element : missing) {
        element.data.clear();
        keys.insert(std::move(element));
      }
      const auto stays = [&](Element element) {
        element.data.clear();
        return keys.count(element) == 0;
      };
      stale.erase(std::remove_if(stale.begin(), stale.end(), stays),
                  stale.end());
    }
  }
  if (stale.empty() && missing.empty()) return false;
  RETURN_IF_ERROR(TryChange(stale, missing));
  return true;
}

absl::Status Firewall::Reconcile(const std::set<Element>& wanted) const {
  absl::MutexLock lock(&table_mutex_);
  {
    absl::MutexLock elements_lock(&mutex_);
    elements_ = wanted;
    is_complete_ = true;
  }
  std::set<Element> target = GuardElements();
  target.insert(wanted.begin(), wanted.end());
  return RemoveDifference(target).status();
}

}  // namespace tug::netd
