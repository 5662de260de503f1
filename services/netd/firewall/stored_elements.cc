// SPDX-License-Identifier: Apache-2.0
#include "services/netd/firewall/stored_elements.h"

#include <libmnl/libmnl.h>
#include <libnftnl/set.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"

namespace tug::netd {
namespace {

constexpr size_t kReceiveBuffer = 32768;

using SetPointer = std::unique_ptr<nftnl_set, decltype(&nftnl_set_free)>;

std::string Attribute(nftnl_set_elem* element, uint16_t attribute) {
  uint32_t size = 0;
  const void* const bytes = nftnl_set_elem_get(element, attribute, &size);
  if (bytes == nullptr) return "";
  return std::string(static_cast<const char*>(bytes), size);
}

void AddElements(const nlmsghdr* header, int family, const std::string& name,
                 std::set<Element>& elements) {
  const SetPointer set(nftnl_set_alloc(), nftnl_set_free);
  if (nftnl_set_elems_nlmsg_parse(header, set.get()) < 0) return;
  nftnl_set_elems_iter* const walk = nftnl_set_elems_iter_create(set.get());
  while (nftnl_set_elem* const one = nftnl_set_elems_iter_next(walk)) {
    elements.insert({family, name, Attribute(one, NFTNL_SET_ELEM_KEY),
                     Attribute(one, NFTNL_SET_ELEM_DATA)});
  }
  nftnl_set_elems_iter_destroy(walk);
}

absl::Status ReadSet(int fd, const std::string& table, int family,
                     const std::string& name, std::set<Element>& elements) {
  const auto buffer = std::make_unique<char[]>(kReceiveBuffer);
  nlmsghdr* const request = nftnl_nlmsg_build_hdr(
      buffer.get(), NFT_MSG_GETSETELEM, static_cast<uint16_t>(family),
      NLM_F_DUMP | NLM_F_ACK, 1);
  {
    const SetPointer set(nftnl_set_alloc(), nftnl_set_free);
    nftnl_set_set_str(set.get(), NFTNL_SET_TABLE, table.c_str());
    nftnl_set_set_str(set.get(), NFTNL_SET_NAME, name.c_str());
    nftnl_set_elems_nlmsg_build_payload(request, set.get());
  }
  const std::string what = absl::StrCat("list elements of ", name);
  if (send(fd, request, request->nlmsg_len, 0) < 0) {
    return ErrnoStatus(errno, what);
  }
  for (;;) {
    const ssize_t size = recv(fd, buffer.get(), kReceiveBuffer, 0);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return ErrnoStatus(errno, what);
    int left = static_cast<int>(size);
    const auto* header = reinterpret_cast<const nlmsghdr*>(buffer.get());
    for (; mnl_nlmsg_ok(header, left); header = mnl_nlmsg_next(header, &left)) {
      if (header->nlmsg_type == NLMSG_DONE) return absl::OkStatus();
      if (header->nlmsg_type == NLMSG_ERROR) {
        const auto* error =
            static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(header));
        if (error->error == 0) return absl::OkStatus();
        return ErrnoStatus(error->error, what);
      }
      AddElements(header, family, name, elements);
    }
  }
}

}  // namespace

absl::StatusOr<std::set<Element>> ReadStoredElements(int fd,
                                                     const std::string& table) {
  std::set<Element> elements;
  for (const int family : {AF_INET, AF_INET6}) {
    for (const char* name : {kBridgesSet, kInternalSet, kTalkingSet, kPairsSet,
                             kQuietSet, kMasqueradeSet, kRoutedBeforeSet,
                             kPublishedAtMap, kPublishedAnyMap}) {
      RETURN_IF_ERROR(ReadSet(fd, table, family, name, elements));
    }
  }
  return elements;
}

}  // namespace tug::netd
