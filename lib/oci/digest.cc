// SPDX-License-Identifier: Apache-2.0
#include "lib/oci/digest.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/check.h"

namespace tug::oci {
namespace {

constexpr absl::string_view kAlgorithm = "sha256:";
constexpr size_t kHexSize = 64;

bool IsLowerHex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

// What of hostile text is worth quoting.
std::string Excerpt(absl::string_view text) {
  return absl::CHexEscape(text.substr(0, 100));
}

}  // namespace

struct Sha256::Context {
  EVP_MD_CTX* evp = EVP_MD_CTX_new();
  ~Context() { EVP_MD_CTX_free(evp); }
};

absl::StatusOr<Digest> Digest::FromHex(absl::string_view hex) {
  if (hex.size() != kHexSize ||
      !std::all_of(hex.begin(), hex.end(), IsLowerHex)) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", Excerpt(hex),
                     "\" is not a sha256 value: need 64 lower-case hex "
                     "digits"));
  }
  return Digest(std::string(hex));
}

absl::StatusOr<Digest> Digest::Parse(absl::string_view text) {
  if (!absl::StartsWith(text, kAlgorithm)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "digest \"", Excerpt(text), "\": only sha256 is supported"));
  }
  return FromHex(text.substr(kAlgorithm.size()));
}

Digest Digest::Of(absl::string_view bytes) {
  Sha256 hash;
  hash.Update(bytes);
  return hash.Finish();
}

std::string Digest::ToString() const { return absl::StrCat(kAlgorithm, hex_); }

Sha256::Sha256() : context_(std::make_unique<Context>()) {
  CHECK(EVP_DigestInit_ex(context_->evp, EVP_sha256(), nullptr) == 1);
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::Update(absl::string_view bytes) {
  CHECK(EVP_DigestUpdate(context_->evp, bytes.data(), bytes.size()) == 1);
}

Digest Sha256::Finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> value;
  unsigned size = 0;
  CHECK(EVP_DigestFinal_ex(context_->evp, value.data(), &size) == 1);
  const std::string hex = absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(value.data()), size));
  absl::StatusOr<Digest> digest = Digest::FromHex(hex);
  CHECK(digest.ok());
  return *std::move(digest);
}

}  // namespace tug::oci
