// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <libmnl/libmnl.h>

#include "absl/functional/function_ref.h"

namespace tug::netlink {

// libmnl's loops over attributes are macros that C++ refuses.
inline void ForEachAttribute(const void* first, size_t size,
                             absl::FunctionRef<void(const nlattr*)> visit) {
  const auto* end = static_cast<const char*>(first) + size;
  const auto* attribute = static_cast<const nlattr*>(first);
  while (mnl_attr_ok(
      attribute,
      static_cast<int>(end - reinterpret_cast<const char*>(attribute)))) {
    visit(attribute);
    attribute = mnl_attr_next(attribute);
  }
}

// Attributes of a message after its family header of `offset` bytes.
inline void ForEachAttribute(const nlmsghdr* header, size_t offset,
                             absl::FunctionRef<void(const nlattr*)> visit) {
  const size_t aligned = MNL_ALIGN(offset);
  const size_t payload = mnl_nlmsg_get_payload_len(header);
  if (payload <= aligned) return;
  ForEachAttribute(
      static_cast<const char*>(mnl_nlmsg_get_payload(header)) + aligned,
      payload - aligned, visit);
}

inline void ForEachNested(const nlattr* nest,
                          absl::FunctionRef<void(const nlattr*)> visit) {
  ForEachAttribute(mnl_attr_get_payload(nest), mnl_attr_get_payload_len(nest),
                   visit);
}

}  // namespace tug::netlink
