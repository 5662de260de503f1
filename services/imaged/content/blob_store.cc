// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/content/blob_store.h"

#include "absl/strings/str_cat.h"
#include "lib/base/status.h"
#include "lib/base/status_macros.h"
#include "lib/oci/json.h"

namespace tug::imaged {

absl::StatusOr<oci::Digest> PutBlob(BlobStore& store, absl::string_view bytes) {
  const oci::Digest digest = oci::Digest::Of(bytes);
  if (store.Size(digest).ok()) return digest;
  ASSIGN_OR_RETURN(const std::unique_ptr<BlobWriter> writer, store.Write(""));
  RETURN_IF_ERROR(writer->Write(bytes));
  return writer->Commit(&digest);
}

absl::StatusOr<std::string> ReadBlob(BlobStore& store,
                                     const oci::Digest& digest) {
  ASSIGN_OR_RETURN(const UniqueFd fd, store.Open(digest));
  archive::FdSource source(fd.get());
  absl::StatusOr<std::string> bytes =
      archive::ReadAll(source, oci::kMaxDocumentSize);
  if (!bytes.ok()) return Annotate(bytes.status(), digest.ToString());
  if (oci::Digest::Of(*bytes) != digest) {
    return WithReason(
        absl::DataLossError(absl::StrCat(
            "blob ", digest.ToString(),
            " was damaged on disk; remove the image and pull it again")),
        "DIGEST_MISMATCH");
  }
  return bytes;
}

}  // namespace tug::imaged
