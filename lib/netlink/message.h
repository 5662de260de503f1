// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"

struct nlmsghdr;
struct nlattr;

namespace tug::netlink {

// One netlink request under construction, with the words that name it in an
// error ("add address 10.0.0.1/8 to link 3").
//
// All attributes that this project writes are small and bounded; one that does
// not fit is a defect and ends the process.
class Message {
 public:
  // Room for one request.
  static constexpr size_t kCapacity = 1024;

  Message(uint16_t type, uint16_t flags, std::string what);
  Message(Message&&) = default;
  Message& operator=(Message&&) = default;

  // Appends a zeroed family header ("struct ifinfomsg") right after nlmsghdr.
  template <typename T>
  T* PutFamilyHeader() {
    return static_cast<T*>(PutFamilyHeader(sizeof(T)));
  }

  Message& Put(uint16_t type, const void* bytes, size_t size);
  Message& PutU8(uint16_t type, uint8_t value);
  Message& PutU32(uint16_t type, uint32_t value);
  Message& PutString(uint16_t type, absl::string_view text);

  // Attributes put between Begin and End lie inside a nested one.
  nlattr* BeginNested(uint16_t type);
  void EndNested(nlattr* nested);
  // Appends a zeroed structure inside the current nest (struct ifinfomsg of a
  // veth peer).
  void* PutRaw(size_t size);

  nlmsghdr* header() { return reinterpret_cast<nlmsghdr*>(buffer_.get()); }
  const nlmsghdr* header() const {
    return reinterpret_cast<const nlmsghdr*>(buffer_.get());
  }
  const std::string& what() const { return what_; }

 private:
  void* PutFamilyHeader(size_t size);

  std::unique_ptr<char[]> buffer_;
  std::string what_;
};

}  // namespace tug::netlink
