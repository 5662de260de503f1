// SPDX-License-Identifier: Apache-2.0
#include "services/imaged/testing/test_image.h"

#include "lib/archive/gzip.h"
#include "lib/archive/tar_writer.h"
#include "lib/base/check.h"
#include "lib/oci/image_config.h"
#include "lib/oci/manifest.h"

namespace tug::imaged {

TestFile MakeFile(const std::string& path, const std::string& content,
                  uint32_t mode) {
  TestFile file;
  file.entry.path = path;
  file.entry.mode = mode;
  file.content = content;
  return file;
}

TestFile MakeDir(const std::string& path, uint32_t mode) {
  TestFile file = MakeFile(path, "", mode);
  file.entry.type = archive::EntryType::kDirectory;
  return file;
}

TestFile MakeLink(const std::string& path, const std::string& target) {
  TestFile file = MakeFile(path, "");
  file.entry.type = archive::EntryType::kSymlink;
  file.entry.link_target = target;
  return file;
}

std::string MakeTar(const std::vector<TestFile>& files) {
  archive::StringSink sink;
  archive::TarWriter writer(sink);
  for (const TestFile& file : files) {
    const bool plain = file.entry.type == archive::EntryType::kFile;
    CHECK((plain ? writer.WriteFile(file.entry, file.content)
                 : writer.Begin(file.entry))
              .ok());
  }
  CHECK(writer.Finish().ok());
  return std::move(sink.text);
}

std::string MakeGzip(const std::string& bytes) {
  archive::StringSink sink;
  archive::GzipSink gzip(sink);
  CHECK(gzip.Write(bytes).ok());
  CHECK(gzip.Finish().ok());
  return std::move(sink.text);
}

TestImage MakeImage(FakeRegistry& registry,
                    const std::vector<std::vector<TestFile>>& layers) {
  TestImage image;
  oci::ImageConfig config;
  config.platform = oci::HostPlatform();
  config.created = absl::FromUnixSeconds(1'700'000'000);
  config.config.labels["color"] = "blue";
  oci::Manifest manifest;
  manifest.media_type = oci::kMediaTypeOciManifest;
  for (const std::vector<TestFile>& files : layers) {
    image.tars.push_back(MakeTar(files));
    image.blobs.push_back(MakeGzip(image.tars.back()));
    config.diff_ids.push_back(oci::Digest::Of(image.tars.back()));
    oci::Descriptor blob;
    blob.media_type = oci::kMediaTypeOciLayerGzip;
    blob.digest = registry.Add(image.blobs.back());
    blob.size = static_cast<int64_t>(image.blobs.back().size());
    manifest.layers.push_back(blob);
  }
  image.config = oci::SerializeImageConfig(config);
  manifest.config.media_type = oci::kMediaTypeOciConfig;
  manifest.config.digest = registry.Add(image.config);
  manifest.config.size = static_cast<int64_t>(image.config.size());
  image.manifest = oci::SerializeManifest(manifest);
  image.target.media_type = manifest.media_type;
  image.target.digest = registry.Add(image.manifest);
  image.target.size = static_cast<int64_t>(image.manifest.size());
  return image;
}

}  // namespace tug::imaged
