// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <new>

namespace tug::runtimed {

// An array in static storage whose elements are made when first asked for, so
// that a shim with one process touches no memory for the other hundreds.
// Elements are never destroyed.
template <typename T, size_t kSize>
class LazyArray {
 public:
  T& operator[](size_t index) {
    while (made_ <= index) {
      new (bytes_ + made_ * sizeof(T)) T();
      ++made_;
    }
    return At(index);
  }
  // Only of an element that has been asked for before.
  const T& operator[](size_t index) const {
    return const_cast<LazyArray*>(this)->At(index);
  }
  size_t IndexOf(const T& element) const {
    const auto* at = reinterpret_cast<const unsigned char*>(&element);
    return static_cast<size_t>(at - bytes_) / sizeof(T);
  }

 private:
  T& At(size_t index) {
    return *std::launder(reinterpret_cast<T*>(bytes_ + index * sizeof(T)));
  }

  alignas(T) unsigned char bytes_[kSize * sizeof(T)];
  size_t made_ = 0;
};

}  // namespace tug::runtimed
