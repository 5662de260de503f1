// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <deque>
#include <utility>

namespace tug {

// How much something may hold whose elements somebody else sizes. Both count:
// an element of nothing still costs what holds it, and one element may be as
// large as a whole message.
struct Bounds {
  size_t count;
  size_t bytes;
};

// Counts elements and their bytes against bounds; whoever holds the elements
// says how large each is (for messages SpaceUsedLong(), which is what they cost
// in memory).
//
// A cache that refuses asks TryTake(); one that makes room asks Fits() and
// gives older elements back until it does.
//
// Not thread-safe.
class ByteBudget {
 public:
  explicit constexpr ByteBudget(Bounds bounds) : bounds_(bounds) {}

  bool Fits(size_t bytes) const {
    return count_ < bounds_.count && bytes <= bounds_.bytes &&
           bytes_ <= bounds_.bytes - bytes;
  }
  // False, and nothing is counted, when the element does not fit.
  bool TryTake(size_t bytes) {
    if (!Fits(bytes)) return false;
    Take(bytes);
    return true;
  }
  // Counts the element whether it fits or not.
  void Take(size_t bytes) {
    ++count_;
    bytes_ += bytes;
  }
  // Of an element that was taken with these bytes.
  void Give(size_t bytes) {
    --count_;
    bytes_ -= bytes;
  }

  bool exceeded() const {
    return count_ > bounds_.count || bytes_ > bounds_.bytes;
  }
  size_t count() const { return count_; }
  size_t bytes() const { return bytes_; }

 private:
  Bounds bounds_;
  size_t count_ = 0;
  size_t bytes_ = 0;
};

// The newest elements, as many as the bounds allow: one that is added drops the
// oldest ones. The newest is kept even where it alone exceeds the bounds.
//
// Not thread-safe.
template <typename T>
class ByteRing {
 public:
  explicit ByteRing(Bounds bounds) : budget_(bounds) {}

  void Push(T value, size_t bytes) {
    budget_.Take(bytes);
    elements_.push_back({std::move(value), bytes});
    while (budget_.exceeded() && elements_.size() > 1) {
      budget_.Give(elements_.front().bytes);
      elements_.pop_front();
    }
  }

  // 0 is the oldest.
  const T& operator[](size_t index) const { return elements_[index].value; }
  size_t size() const { return elements_.size(); }
  size_t bytes() const { return budget_.bytes(); }

 private:
  struct Element {
    T value;
    size_t bytes;
  };
  ByteBudget budget_;
  std::deque<Element> elements_;
};

}  // namespace tug
