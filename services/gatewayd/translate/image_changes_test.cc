// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/translate/image_changes.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tug::gatewayd {
namespace {

using testing::ElementsAre;

TEST(ImageChangesTest, AppliesInstructions) {
  image::v1::ImageConfig config;
  ASSERT_TRUE(ApplyImageChanges("CMD echo hi\n"
                                "entrypoint [\"/bin/e\",\"-x\"]\n"
                                "# a comment\n"
                                "ENV A=1 B=\"two words\"\n"
                                "ENV A three\n"
                                "EXPOSE 80 53/udp\n"
                                "LABEL a.b=c\n"
                                "VOLUME [\"/d\"]\n"
                                "USER 1:2\n"
                                "WORKDIR /w\n"
                                "STOPSIGNAL SIGINT",
                                config)
                  .ok());
  EXPECT_THAT(config.cmd().values(), ElementsAre("/bin/sh", "-c", "echo hi"));
  EXPECT_THAT(config.entrypoint().values(), ElementsAre("/bin/e", "-x"));
  EXPECT_THAT(config.env(), ElementsAre("A=three", "B=two words"));
  EXPECT_THAT(config.exposed_ports(), ElementsAre("80/tcp", "53/udp"));
  EXPECT_EQ(config.labels().at("a.b"), "c");
  EXPECT_THAT(config.volumes(), ElementsAre("/d"));
  EXPECT_EQ(config.user(), "1:2");
  EXPECT_EQ(config.working_dir(), "/w");
  EXPECT_EQ(config.stop_signal(), "SIGINT");
}

TEST(ImageChangesTest, RefusesAndNamesTheInstruction) {
  for (const char* text :
       {"RUN x", "FROM scratch", "CMD", "ENV A", "EXPOSE x", "ENV A='x"}) {
    image::v1::ImageConfig config;
    const absl::Status status = ApplyImageChanges(text, config);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(std::string(status.message()),
                testing::StartsWith("invalid change "))
        << text;
  }
}

}  // namespace
}  // namespace tug::gatewayd
