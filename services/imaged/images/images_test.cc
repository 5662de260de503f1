// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/kv/memory_store.h"
#include "lib/testing/status_matchers.h"
#include "lib/testing/temp_dir.h"
#include "services/imaged/content/file_blob_store.h"
#include "services/imaged/images/find_image.h"
#include "services/imaged/images/image_catalog.h"
#include "services/imaged/images/select_manifest.h"

namespace tug::imaged {
namespace {

using testing::ElementsAre;

std::vector<std::string> NamesOf(const ImageCatalog& catalog) {
  std::vector<std::string> names;
  const std::shared_ptr<const NameMap> snapshot = catalog.Names();
  for (const auto& [name, image] : *snapshot) names.push_back(name);
  return names;
}

oci::Descriptor Target(char digit) {
  oci::Descriptor target;
  target.digest = *oci::Digest::FromHex(std::string(64, digit));
  return target;
}

class ImageCatalogTest : public testing::Test {
 protected:
  void Put(const std::string& name, char digit) {
    ASSERT_THAT(catalog_->Put({name, Target(digit), absl::UnixEpoch()}),
                IsOk());
  }
  std::string Dangling(char digit) {
    return DanglingName(Target(digit).digest);
  }
  std::unique_ptr<kv::KeyValueStore> store_ = kv::NewMemoryStore();
  std::unique_ptr<ImageCatalog> catalog_ =
      std::move(ImageCatalog::Open(*store_)).value();
};

TEST_F(ImageCatalogTest, AMovedNameLeavesItsImageDangling) {
  Put("a", '1');
  const auto old = catalog_->Put({"a", Target('2'), absl::UnixEpoch()});
  ASSERT_THAT(old, IsOk());
  EXPECT_EQ((*old)->digest, Target('1').digest);
  EXPECT_THAT(NamesOf(*catalog_), ElementsAre(Dangling('1'), "a"));
  // A new name takes it back.
  Put("b", '1');
  EXPECT_THAT(NamesOf(*catalog_), ElementsAre("a", "b"));
}

TEST_F(ImageCatalogTest, AnImageWithAnotherNameDoesNotDangle) {
  Put("a", '1');
  Put("b", '1');
  Put("a", '2');
  EXPECT_THAT(NamesOf(*catalog_), ElementsAre("a", "b"));
  Put("", '2');
  EXPECT_THAT(NamesOf(*catalog_), ElementsAre("a", "b"));
  Put("", '3');
  EXPECT_THAT(NamesOf(*catalog_), ElementsAre(Dangling('3'), "a", "b"));
}

TEST_F(ImageCatalogTest, RemovingKeepsOrDropsTheImage) {
  Put("a", '1');
  ASSERT_THAT(catalog_->Remove({"a", "absent"}, /*keep=*/true), IsOk());
  EXPECT_THAT(NamesOf(*catalog_), ElementsAre(Dangling('1')));
  ASSERT_THAT(catalog_->Remove({Dangling('1')}, /*keep=*/false), IsOk());
  EXPECT_THAT(NamesOf(*catalog_), testing::IsEmpty());
}

TEST_F(ImageCatalogTest, NamesSurviveARestart) {
  Put("a", '1');
  Put("a", '2');
  const auto again = ImageCatalog::Open(*store_);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(NamesOf(**again), NamesOf(*catalog_));
}

// Two images, an index of two platforms, and their documents.
class FindImageTest : public testing::Test {
 protected:
  FindImageTest() {
    const UniqueFd state(
        open(temp_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    blobs_ = std::move(OpenFileBlobStore(state.get())).value();
    documents_ = std::make_unique<DocumentCache>(*blobs_);
    Name("docker.io/library/a:latest", AddManifest("linux", "amd64", "one"));
    Name("localhost:5000/b:1", AddManifest("linux", "arm64", "two"));
  }

  oci::Descriptor Add(const std::string& text, const char* media_type) {
    oci::Descriptor descriptor;
    descriptor.media_type = media_type;
    descriptor.digest = *PutBlob(*blobs_, text);
    descriptor.size = static_cast<int64_t>(text.size());
    return descriptor;
  }
  oci::Descriptor AddManifest(const char* os, const char* architecture,
                              const char* author) {
    oci::ImageConfig config;
    config.platform = {os, architecture, "", ""};
    config.author = author;
    oci::Manifest manifest;
    manifest.media_type = oci::kMediaTypeOciManifest;
    manifest.config =
        Add(oci::SerializeImageConfig(config), oci::kMediaTypeOciConfig);
    configs_.push_back(manifest.config.digest);
    return Add(oci::SerializeManifest(manifest), oci::kMediaTypeOciManifest);
  }
  void Name(const std::string& name, const oci::Descriptor& target) {
    names_[name] = {name, target, absl::UnixEpoch()};
  }
  absl::StatusOr<FoundImage> Find(const std::string& text) {
    return FindImage(names_, *documents_, text);
  }

  TempDir temp_;
  std::unique_ptr<BlobStore> blobs_;
  std::unique_ptr<DocumentCache> documents_;
  NameMap names_;
  std::vector<oci::Digest> configs_;
};

TEST_F(FindImageTest, EveryFormOfNameAndIdIsUnderstood) {
  const oci::Digest id = names_.at("docker.io/library/a:latest").target.digest;
  for (const std::string& text :
       {std::string("a"), std::string("a:latest"),
        std::string("docker.io/library/a"), id.ToString(), id.hex(),
        id.hex().substr(0, 12), "sha256:" + id.hex().substr(0, 7),
        "a@" + id.ToString(), configs_[0].ToString(),
        configs_[0].hex().substr(0, 12)}) {
    const auto found = Find(text);
    ASSERT_THAT(found, IsOk()) << text;
    EXPECT_EQ(found->target.digest, id) << text;
  }
  EXPECT_EQ(Find("a")->matched_name, "docker.io/library/a:latest");
  EXPECT_EQ(Find(id.hex())->matched_name, "");
}

TEST_F(FindImageTest, FaultsAreToldApart) {
  EXPECT_THAT(Find("nope"), HasReason("IMAGE_UNKNOWN"));
  EXPECT_THAT(Find("localhost:5000/b:2"), HasReason("IMAGE_UNKNOWN"));
  EXPECT_THAT(Find("sha256:"), HasReason("IMAGE_UNKNOWN"));
  EXPECT_THAT(Find("Upper"), HasReason("REFERENCE_INVALID"));
  EXPECT_THAT(Find(""), HasReason("REFERENCE_INVALID"));
  EXPECT_THAT(Find(std::string(64, '0')), HasReason("IMAGE_UNKNOWN"));
}

TEST_F(FindImageTest, AmbiguousPrefixesAreRefused) {
  // Images enough that two begin alike.
  for (int i = 0; i < 20; ++i) {
    const std::string author = absl::StrCat(i);
    Name(absl::StrCat("docker.io/library/x:", i),
         AddManifest("linux", "amd64", author.c_str()));
  }
  std::map<char, int> first_digits;
  for (const auto& [name, image] : names_) {
    ++first_digits[image.target.digest.hex()[0]];
  }
  for (const auto& [digit, count] : first_digits) {
    const auto found = Find(absl::StrCat("sha256:", std::string(1, digit)));
    if (count > 1) {
      EXPECT_THAT(found, HasReason("IMAGE_AMBIGUOUS"));
    } else {
      EXPECT_THAT(found, IsOk());
    }
  }
}

TEST_F(FindImageTest, OfAnIndexTheAskedPlatformIsTaken) {
  const std::string index = absl::StrCat(
      R"({"schemaVersion":2,"manifests":[)", R"({"digest":")",
      names_.at("localhost:5000/b:1").target.digest.ToString(),
      R"(","size":1,"platform":{"os":"linux","architecture":"arm64"}},)",
      R"({"digest":"sha256:)", std::string(64, 'e'),
      R"(","size":1,"platform":{"os":"linux","architecture":"s390x"}}]})");
  const oci::Descriptor target = Add(index, oci::kMediaTypeOciIndex);
  const auto arm =
      SelectManifest(*documents_, target, oci::Platform{"linux", "arm64"});
  ASSERT_THAT(arm, IsOk());
  EXPECT_EQ(arm->config->config.author, "two");
  // Nothing else is here, so it is shown where none is asked for.
  EXPECT_THAT(SelectManifest(*documents_, target, std::nullopt), IsOk());
  // In the index, but not on this host.
  EXPECT_THAT(
      SelectManifest(*documents_, target, oci::Platform{"linux", "s390x"}),
      HasReason("PLATFORM_UNKNOWN"));
}

}  // namespace
}  // namespace tug::imaged
