// SPDX-License-Identifier: Apache-2.0
#include "lib/oci/manifest.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/oci/image_config.h"
#include "lib/oci/json.h"
#include "lib/testing/status_matchers.h"

namespace tug::oci {
namespace {

using testing::HasSubstr;

std::string DescriptorJson(char digit, const char* more = "") {
  return absl::StrCat("{\"mediaType\":\"t\",\"size\":3,\"digest\":\"sha256:",
                      std::string(64, digit), "\"", more, "}");
}

std::string ManifestJson() {
  return absl::StrCat("{\"schemaVersion\":2,\"config\":", DescriptorJson('a'),
                      ",\"layers\":[", DescriptorJson('b'), "]}");
}

struct RefusedCase {
  const char* name;
  std::string text;
  const char* media_type;
  const char* message;
};

class RefusedManifestTest : public testing::TestWithParam<RefusedCase> {};

TEST_P(RefusedManifestTest, SaysWhy) {
  const RefusedCase& c = GetParam();
  const auto parsed = ParseManifestOrIndex(c.text, c.media_type);
  EXPECT_THAT(parsed, StatusIs(absl::StatusCode::kInvalidArgument,
                               HasSubstr(c.message)));
  EXPECT_THAT(parsed, HasReason("MANIFEST_INVALID"));
}

INSTANTIATE_TEST_SUITE_P(
    All, RefusedManifestTest,
    testing::Values(
        RefusedCase{"NoJson", "x", "", "not valid JSON"},
        RefusedCase{"List", "[]", "", "not a JSON object"},
        RefusedCase{"Schema1", "{\"schemaVersion\":1}", "", "schema version"},
        RefusedCase{"Neither", "{\"schemaVersion\":2}", "", "neither"},
        // CVE-2021-41190.
        RefusedCase{"Both",
                    "{\"schemaVersion\":2,\"config\":{},\"manifests\":[]}", "",
                    "both"},
        RefusedCase{"ServedAsIndex", ManifestJson(), kMediaTypeOciIndex,
                    "does not fit"},
        RefusedCase{"SaysOtherwise",
                    "{\"schemaVersion\":2,\"mediaType\":\"x\",\"config\":{}}",
                    kMediaTypeOciManifest, "says it is"},
        RefusedCase{"NoDigest", "{\"schemaVersion\":2,\"config\":{\"size\":1}}",
                    "", "config"},
        RefusedCase{"WrongType", "{\"schemaVersion\":2,\"config\":7}", "",
                    "not an object"},
        RefusedCase{"Deep", std::string(100, '[') + std::string(100, ']'), "",
                    "not valid JSON"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(ManifestTest, TooLargeIsRefused) {
  EXPECT_THAT(
      ParseManifestOrIndex(std::string(kMaxDocumentSize + 1, ' '), ""),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("at most")));
}

TEST(ManifestTest, WhatIsSerializedParsesToTheSame) {
  const auto parsed = ParseManifestOrIndex(ManifestJson(), "");
  ASSERT_THAT(parsed, IsOk());
  const auto& manifest = std::get<Manifest>(*parsed);
  EXPECT_EQ(manifest.media_type, kMediaTypeOciManifest);
  const auto again =
      ParseManifestOrIndex(SerializeManifest(manifest), kMediaTypeOciManifest);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(std::get<Manifest>(*again).layers[0].digest,
            manifest.layers[0].digest);
}

Index IndexOf(std::initializer_list<const char*> platforms) {
  Index index;
  char digit = '0';
  for (const char* text : platforms) {
    Descriptor descriptor;
    descriptor.digest = *Digest::FromHex(std::string(64, digit++));
    descriptor.platform = *ParsePlatformText(text);
    index.manifests.push_back(descriptor);
  }
  return index;
}

TEST(SelectPlatformTest, TakesTheBestFit) {
  const Index index =
      IndexOf({"linux/amd64", "linux/arm/v6", "linux/arm/v7", "linux/arm64"});
  const struct {
    const char* wanted;
    char digit;
  } cases[] = {{"linux/amd64", '0'},   {"linux/x86_64", '0'},
               {"linux/arm/v6", '1'},  {"linux/arm", '2'},
               {"linux/arm/v8", '2'},  {"linux/aarch64", '3'},
               {"linux/arm64/v8", '3'}};
  for (const auto& c : cases) {
    const auto selected = SelectPlatform(index, *ParsePlatformText(c.wanted));
    ASSERT_THAT(selected, IsOk()) << c.wanted;
    EXPECT_EQ(selected->digest.hex()[0], c.digit) << c.wanted;
  }
}

TEST(SelectPlatformTest, ListsWhatThereIsWhenNothingFits) {
  const auto selected = SelectPlatform(IndexOf({"linux/arm64"}),
                                       *ParsePlatformText("linux/amd64"));
  EXPECT_THAT(selected,
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("linux/arm64")));
  EXPECT_THAT(selected, HasReason("PLATFORM_UNKNOWN"));
}

TEST(SelectPlatformTest, AttestationsAreNoImages) {
  Index index = IndexOf({"linux/amd64"});
  index.manifests[0].annotations[kAnnotationReferenceType] =
      "attestation-manifest";
  EXPECT_THAT(SelectPlatform(index, *ParsePlatformText("linux/amd64")),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST(ImageConfigTest, AbsentAndEmptyCommandsDiffer) {
  const auto config =
      ParseImageConfig(R"({"os":"linux","config":{"Entrypoint":[],"Cmd":null,)"
                       R"("ExposedPorts":{"80/tcp":{}},"Labels":{"a":"b"}}})");
  ASSERT_THAT(config, IsOk());
  EXPECT_TRUE(config->config.entrypoint.has_value());
  EXPECT_FALSE(config->config.cmd.has_value());
  EXPECT_THAT(config->config.exposed_ports, testing::ElementsAre("80/tcp"));
  EXPECT_EQ(config->config.labels.at("a"), "b");
}

TEST(ImageConfigTest, WhatIsSerializedParsesToTheSame) {
  ImageConfig config;
  config.created = absl::FromUnixNanos(1'700'000'000'123'456'789);
  config.platform = {"linux", "amd64", "", ""};
  config.config.cmd = {"sh", "-c", "x"};
  config.config.env = {"A=b"};
  config.config.healthcheck = HealthProbe{{"CMD", "true"}, 5, 0, 0, 0, 2};
  config.diff_ids = {Digest::Of("x")};
  config.history = {{*config.created, "step", "", "c", false}};
  const auto again = ParseImageConfig(SerializeImageConfig(config));
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->created, config.created);
  EXPECT_EQ(again->config.cmd, config.config.cmd);
  EXPECT_EQ(again->config.healthcheck->retries, 2);
  EXPECT_EQ(again->diff_ids, config.diff_ids);
  EXPECT_EQ(again->history[0].comment, "c");
}

TEST(DigestTest, IsStrict) {
  EXPECT_EQ(Digest::Of("").ToString(),
            "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b78"
            "52b855");
  const std::string hex(64, 'a');
  EXPECT_THAT(Digest::Parse("sha256:" + hex), IsOk());
  for (const std::string& text :
       {hex, "sha256:" + std::string(63, 'a'), "sha256:" + std::string(64, 'A'),
        "sha512:" + hex, "sha256:" + hex + "a", std::string("sha256:")}) {
    EXPECT_THAT(Digest::Parse(text),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << text;
  }
}

}  // namespace
}  // namespace tug::oci
