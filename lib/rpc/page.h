// SPDX-License-Identifier: Apache-2.0
//
// Paging of lists (AIP-158), the one implementation that every List has.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/repeated_field.h"
#include "lib/base/byte_budget.h"
#include "lib/rpc/page_token.h"

namespace tug::rpc {

// Bytes after which a page is closed. Its last element may go beyond them, so
// that a page stays below kPageBytes + kMaxPageElementBytes, and that below the
// largest message (limits.h).
inline constexpr size_t kPageBytes = 4 << 20;
// An element beyond this is shortened: one record must not break a list.
inline constexpr size_t kMaxPageElementBytes = 8 << 20;

// Fills one page. A page is closed by number and by bytes, because others size
// the elements, and holds at least one, so that a list always ends.
//
//   ASSIGN_OR_RETURN(auto page, OpenPage(*request, response->mutable_volumes(),
//                                        response->mutable_next_page_token()));
//   for (const Volume& volume : <those whose key is above page.after()>) {
//     if (!page.Add(volume.name(), volume)) break;
//   }
//
// Not thread-safe.
template <typename Element>
class Page {
 public:
  using Elements = google::protobuf::RepeatedPtrField<Element>;
  // Leaves out of an element what others size.
  using Shorten = absl::FunctionRef<void(Element&)>;

  Page(size_t size, std::string after, Elements* elements,
       std::string* next_page_token)
      : after_(std::move(after)),
        budget_({.count = size, .bytes = kPageBytes}),
        elements_(*elements),
        next_page_token_(*next_page_token) {}

  // The key after which the page begins; empty for the first.
  const std::string& after() const { return after_; }

  // Adds the element, whose key is above that of those before. False, and the
  // token of the next page is set, once the page is full.
  bool Add(absl::string_view key, Element element, Shorten shorten) {
    if (budget_.count() > 0 && !budget_.Fits(0)) {
      next_page_token_ = EncodePageToken(last_key_);
      return false;
    }
    size_t bytes = SizeOf(element);
    if (bytes > kMaxPageElementBytes) {
      shorten(element);
      bytes = SizeOf(element);
    }
    budget_.Take(bytes);
    last_key_ = std::string(key);
    *elements_.Add() = std::move(element);
    return true;
  }
  // For elements whose service bounds them below kMaxPageElementBytes.
  bool Add(absl::string_view key, Element element) {
    return Add(key, std::move(element), [](Element&) {});
  }

 private:
  static size_t SizeOf(const std::string& element) { return element.size(); }
  template <typename Message>
  static size_t SizeOf(const Message& element) {
    return element.ByteSizeLong();
  }

  const std::string after_;
  ByteBudget budget_;
  Elements& elements_;
  std::string& next_page_token_;
  std::string last_key_;
};

// The page that `request` asks for. INVALID_ARGUMENT (PAGE_SIZE_INVALID,
// PAGE_TOKEN_INVALID).
template <typename Request, typename Element>
absl::StatusOr<Page<Element>> OpenPage(
    const Request& request,
    google::protobuf::RepeatedPtrField<Element>* elements,
    std::string* next_page_token) {
  absl::StatusOr<size_t> size = PageSize(request.page_size());
  if (!size.ok()) return size.status();
  absl::StatusOr<std::string> after = DecodePageToken(request.page_token());
  if (!after.ok()) return after.status();
  return Page<Element>(*size, *std::move(after), elements, next_page_token);
}

}  // namespace tug::rpc
