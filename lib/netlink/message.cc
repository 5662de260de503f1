// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink/message.h"

#include <libmnl/libmnl.h>

#include <cstring>
#include <utility>

#include "lib/base/check.h"

namespace tug::netlink {

Message::Message(uint16_t type, uint16_t flags, std::string what)
    : buffer_(std::make_unique<char[]>(kCapacity)), what_(std::move(what)) {
  nlmsghdr* const header = mnl_nlmsg_put_header(buffer_.get());
  header->nlmsg_type = type;
  header->nlmsg_flags = NLM_F_REQUEST | flags;
}

void* Message::PutFamilyHeader(size_t size) {
  return mnl_nlmsg_put_extra_header(header(), size);
}

Message& Message::Put(uint16_t type, const void* bytes, size_t size) {
  CHECK(mnl_attr_put_check(header(), kCapacity, type, size, bytes));
  return *this;
}

Message& Message::PutU8(uint16_t type, uint8_t value) {
  return Put(type, &value, sizeof(value));
}

Message& Message::PutU32(uint16_t type, uint32_t value) {
  return Put(type, &value, sizeof(value));
}

Message& Message::PutString(uint16_t type, absl::string_view text) {
  const std::string terminated(text);
  return Put(type, terminated.c_str(), terminated.size() + 1);
}

nlattr* Message::BeginNested(uint16_t type) {
  nlattr* const nested = mnl_attr_nest_start_check(header(), kCapacity, type);
  CHECK(nested != nullptr);
  return nested;
}

void Message::EndNested(nlattr* nested) { mnl_attr_nest_end(header(), nested); }

void* Message::PutRaw(size_t size) {
  const size_t aligned = MNL_ALIGN(size);
  CHECK(header()->nlmsg_len + aligned <= kCapacity);
  void* const place = mnl_nlmsg_get_payload_tail(header());
  std::memset(place, 0, aligned);
  header()->nlmsg_len += aligned;
  return place;
}

}  // namespace tug::netlink
