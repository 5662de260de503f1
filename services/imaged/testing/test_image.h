// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "lib/archive/tar_entry.h"
#include "lib/oci/descriptor.h"
#include "services/imaged/testing/fake_registry.h"

namespace tug::imaged {

// An entry of a layer and its content.
struct TestFile {
  archive::TarEntry entry;
  std::string content;
};

TestFile MakeFile(const std::string& path, const std::string& content,
                  uint32_t mode = 0644);
TestFile MakeDir(const std::string& path, uint32_t mode = 0755);
TestFile MakeLink(const std::string& path, const std::string& target);

std::string MakeTar(const std::vector<TestFile>& files);
std::string MakeGzip(const std::string& bytes);

// An image of gzip layers; everything of it is added to `registry`.
struct TestImage {
  oci::Descriptor target;
  std::string manifest;
  std::string config;
  std::vector<std::string> tars;
  std::vector<std::string> blobs;
};
TestImage MakeImage(FakeRegistry& registry,
                    const std::vector<std::vector<TestFile>>& layers);

}  // namespace tug::imaged
