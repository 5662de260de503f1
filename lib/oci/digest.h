// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tug::oci {

// A content digest, "sha256:" and 64 lower-case hex digits. Other algorithms
// are refused when parsed: nothing here could verify them.
class Digest {
 public:
  // INVALID_ARGUMENT quotes what is wrong with `text`.
  static absl::StatusOr<Digest> Parse(absl::string_view text);
  // `hex`: 64 lower-case hex digits.
  static absl::StatusOr<Digest> FromHex(absl::string_view hex);
  // Of a value in memory.
  static Digest Of(absl::string_view bytes);

  // The empty digest: no content has it.
  Digest() = default;

  bool empty() const { return hex_.empty(); }
  const std::string& hex() const { return hex_; }
  std::string ToString() const;

  friend bool operator==(const Digest& a, const Digest& b) {
    return a.hex_ == b.hex_;
  }
  friend bool operator<(const Digest& a, const Digest& b) {
    return a.hex_ < b.hex_;
  }
  template <typename H>
  friend H AbslHashValue(H h, const Digest& digest) {
    return H::combine(std::move(h), digest.hex_);
  }

 private:
  explicit Digest(std::string hex) : hex_(std::move(hex)) {}
  std::string hex_;
};

// SHA-256 of bytes that come in pieces. Not thread-safe.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void Update(absl::string_view bytes);
  // Ends the computation; the object cannot be used again.
  Digest Finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace tug::oci
