// SPDX-License-Identifier: Apache-2.0
//
// The expected values are those of Docker 29.7 (issue 7, B13).
#include "services/gatewayd/translate/image_changes.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tug::gatewayd {
namespace {

using image::v1::ImageConfig;
using testing::ElementsAre;

std::string List(const char* name, const type::v1::StringList& list) {
  return absl::StrCat(name, absl::StrJoin(list.values(), "|"), ";");
}

// What is set, in one line.
std::string Show(const ImageConfig& config) {
  std::string text;
  if (config.has_cmd()) text += List("cmd=", config.cmd());
  if (config.has_entrypoint()) text += List("entry=", config.entrypoint());
  const auto add = [&](const char* name, const auto& values) {
    if (values.empty()) return;
    absl::StrAppend(&text, name, absl::StrJoin(values, "|"), ";");
  };
  add("env=", config.env());
  add("ports=", config.exposed_ports());
  add("volumes=", config.volumes());
  add("build=", config.on_build());
  add("user=", config.user().empty() ? std::vector<std::string>()
                                     : std::vector<std::string>{config.user()});
  if (!config.working_dir().empty()) {
    absl::StrAppend(&text, "dir=", config.working_dir(), ";");
  }
  if (!config.stop_signal().empty()) {
    absl::StrAppend(&text, "signal=", config.stop_signal(), ";");
  }
  for (const auto& [name, value] : config.labels()) {
    absl::StrAppend(&text, "label ", name, "=", value, ";");
  }
  if (config.has_healthcheck()) {
    const auto& health = config.healthcheck();
    absl::StrAppend(&text, "health=", absl::StrJoin(health.test(), "|"), ",",
                    health.interval(), ",", health.timeout(), ",",
                    health.start_period(), ",", health.start_interval(), ",",
                    health.retries(), ";");
  }
  return text;
}

struct ChangeCase {
  const char* changes;
  const char* result;  // The configuration, or the error.
};

class ImageChangesTest : public testing::TestWithParam<ChangeCase> {};

TEST_P(ImageChangesTest, AreWhatDockerMakesOfThem) {
  ImageConfig config;
  const absl::Status applied = ApplyImageChanges(GetParam().changes, config);
  EXPECT_EQ(applied.ok() ? Show(config) : std::string(applied.message()),
            GetParam().result)
      << GetParam().changes;
  if (!applied.ok()) {
    EXPECT_EQ(applied.code(), absl::StatusCode::kInvalidArgument);
  }
}

constexpr ChangeCase kCases[] = {
    {"CMD echo hi", "cmd=/bin/sh|-c|echo hi;"},
    {"CMD [\"a\",\"b\"]", "cmd=a|b;"},
    {"CMD [a]", "cmd=/bin/sh|-c|[a];"},
    {"CMD [\"a\"] xyz", "cmd=/bin/sh|-c|[\"a\"] xyz;"},
    {"CMD", "cmd=/bin/sh|-c;"},
    {"cmd x  y", "cmd=/bin/sh|-c|x  y;"},
    {"CMD y\nENTRYPOINT z", "cmd=/bin/sh|-c|y;entry=/bin/sh|-c|z;"},
    {"CMD --foo x", "unknown flag: --foo"},
    {"CMD -- x", "cmd=/bin/sh|-c|x;"},
    {"ENV A=1 B=2", "env=A=1|B=2;"},
    {"ENV A 1 2 3", "env=A=1 2 3;"},
    {"ENV A=1\nENV B=$A/x C=${A}y", "env=A=1|B=1/x|C=1y;"},
    {"ENV A=1 B=$A", "env=A=1|B=;"},
    {"ENV A=1\nENV A=2", "env=A=2;"},
    {"ENV A='$X' B=\"a b\" C=d\\ e", "env=A=$X|B=a b|C=d e;"},
    {"ENV =x", "ENV names can not be blank"},
    {"ENV", "ENV requires at least one argument"},
    {"ENV A=1 B",
     "Syntax error - can't find = in \"B\". Must be of the form: name=value"},
    {"ENV A=\"x",
     "failed to process \"\\\"x\": unexpected end of statement while looking "
     "for matching double-quote"},
    {"ENV V=1\nLABEL \"x$V\"=y$V", "env=V=1;label x1=y1;"},
    {"LABEL a", "LABEL must have two arguments"},
    {"EXPOSE 80/udp 90", "ports=80/udp|90/tcp;"},
    {"EXPOSE 80-82", "ports=80/tcp|81/tcp|82/tcp;"},
    {"EXPOSE 127.0.0.1:80:90", "ports=90/tcp;"},
    {"EXPOSE [::1]:80:80/UDP", "ports=80/udp;"},
    {"ENV P=\"80 90\"\nEXPOSE $P 80", "env=P=80 90;ports=80/tcp|90/tcp;"},
    {"EXPOSE", "EXPOSE requires at least one argument"},
    {"EXPOSE x", "invalid containerPort: x"},
    {"EXPOSE 70000", "invalid containerPort: 70000"},
    {"EXPOSE 80-79", "invalid containerPort: 80-79"},
    {"EXPOSE 80/foo", "invalid proto: foo"},
    {"EXPOSE x:80", "invalid hostPort: x"},
    {"EXPOSE 1-2:1-3",
     "invalid ranges specified for container and host Ports: 1-3 and 1-2"},
    {"EXPOSE /tcp", "no port specified: /tcp<empty>"},
    {"VOLUME /a /b", "volumes=/a|/b;"},
    {"VOLUME [\"/a\",\"/b c\"]", "volumes=/a|/b c;"},
    {"ENV V=/v\nVOLUME $V /v", "env=V=/v;volumes=/v;"},
    {"VOLUME []", "VOLUME requires at least one argument"},
    {"VOLUME \"\"", "VOLUME specified can not be an empty string"},
    {"USER 1:2", "user=1:2;"},
    {"ENV U=me\nUSER $U", "env=U=me;user=me;"},
    {"USER", "USER requires exactly one argument"},
    {"WORKDIR a", "dir=/a;"},
    {"WORKDIR /a\nWORKDIR b", "dir=/a/b;"},
    {"WORKDIR /a\nWORKDIR ../c", "dir=/c;"},
    {"WORKDIR /a/../b/", "dir=/b;"},
    {"WORKDIR //x//y", "dir=/x/y;"},
    {"WORKDIR .", "dir=/;"},
    {"WORKDIR C:\\x", "dir=/C:x;"},
    {"WORKDIR $NO", "cannot normalize nothing"},
    {"WORKDIR", "WORKDIR requires exactly one argument"},
    {"STOPSIGNAL SIGRTMIN+3", "signal=SIGRTMIN+3;"},
    {"ENV S=TERM\nSTOPSIGNAL SIG$S", "env=S=TERM;signal=SIGTERM;"},
    {"STOPSIGNAL NOPE", "invalid signal: NOPE"},
    {"STOPSIGNAL 0", "invalid signal: 0"},
    {"HEALTHCHECK NONE", "health=NONE,0,0,0,0,0;"},
    {"HEALTHCHECK --foo NONE", "health=NONE,0,0,0,0,0;"},
    {"HEALTHCHECK CMD x y", "health=CMD-SHELL|x y,0,0,0,0,0;"},
    {"healthcheck cmd [\"a\",\"b\"]", "health=CMD|a|b,0,0,0,0,0;"},
    {"HEALTHCHECK --interval=5s --timeout=3s --retries=4 --start-period=1m "
     "--start-interval=1.5s CMD x",
     "health=CMD-SHELL|x,5000000000,3000000000,60000000000,1500000000,4;"},
    {"HEALTHCHECK --interval=1us CMD x",
     "Interval \"interval\" cannot be less than 1ms"},
    {"HEALTHCHECK --interval=x CMD x", "time: invalid duration \"x\""},
    {"HEALTHCHECK --interval=5 CMD x", "time: missing unit in duration \"5\""},
    {"HEALTHCHECK --timeout=1d CMD x",
     "time: unknown unit \"d\" in duration \"1d\""},
    {"HEALTHCHECK --interval=9999999h CMD x",
     "time: invalid duration \"9999999h\""},
    {"HEALTHCHECK --retries=-1 CMD x", "--retries cannot be negative (-1)"},
    {"HEALTHCHECK --retries=x CMD x",
     "strconv.ParseInt: parsing \"x\": invalid syntax"},
    {"HEALTHCHECK --retries=99999999999 CMD x",
     "strconv.ParseInt: parsing \"99999999999\": value out of range"},
    {"HEALTHCHECK --foo=1 CMD x", "unknown flag: --foo"},
    {"HEALTHCHECK --interval 5s CMD x", "missing a value on flag: --interval"},
    {"HEALTHCHECK --interval=5s --interval=6s CMD x",
     "duplicate flag specified: --interval"},
    {"HEALTHCHECK", "HEALTHCHECK requires at least one argument"},
    {"HEALTHCHECK CMD", "Missing command after HEALTHCHECK CMD"},
    {"HEALTHCHECK CMD []", "Missing command after HEALTHCHECK CMD"},
    {"HEALTHCHECK NONE x", "HEALTHCHECK NONE takes no arguments"},
    {"HEALTHCHECK FOO x", "Unknown type \"FOO\" in HEALTHCHECK (try CMD)"},
    {"onbuild  run   x", "build=run   x;"},
    {"ONBUILD COPY --from=x a b", "build=COPY --from=x a b;"},
    {"ONBUILD FROM x", "FROM isn't allowed as an ONBUILD trigger"},
    {"ONBUILD MAINTAINER x", "MAINTAINER isn't allowed as an ONBUILD trigger"},
    {"ONBUILD ONBUILD RUN x",
     "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed"},
    {"ONBUILD", "ONBUILD requires at least one argument"},
    {"RUN x", "RUN is not a valid change command"},
    {"foo x", "foo is not a valid change command"},
    {"SHELL [\"/bin/x\"]", "SHELL is not a valid change command"},
    {"FOO\nENV A", "ENV must have two arguments"},
    {"# comment", "file with no instructions"},
};
INSTANTIATE_TEST_SUITE_P(All, ImageChangesTest, testing::ValuesIn(kCases));

// As a commit begins.
TEST(ImageChangesOfAnImageTest, GoOnFromWhatWasThere) {
  ImageConfig config;
  config.add_env("A=1");
  config.set_working_dir("/srv");
  config.mutable_cmd()->add_values("old");
  config.add_exposed_ports("80/tcp");
  ASSERT_TRUE(
      ApplyImageChanges("WORKDIR $A\nEXPOSE 80 81\nENTRYPOINT [\"/e\"]", config)
          .ok());
  EXPECT_EQ(Show(config), "entry=/e;env=A=1;ports=80/tcp|81/tcp;dir=/srv/1;");
}

TEST(ImageChangesOfAnImageTest, TheImagesShellRunsCommands) {
  ImageConfig config;
  config.mutable_shell()->add_values("/bin/bash");
  config.mutable_shell()->add_values("-ec");
  ASSERT_TRUE(ApplyImageChanges("CMD hi", config).ok());
  EXPECT_THAT(config.cmd().values(), ElementsAre("/bin/bash", "-ec", "hi"));
}

// 64 KiB of text may not become gigabytes.
TEST(ImageChangesOfAnImageTest, GrowthIsBounded) {
  ImageConfig config;
  std::string doubling = "ENV A=xxxxxxxx\n";
  for (int i = 0; i < 3'000; ++i) doubling += "ENV A=$A$A\n";
  EXPECT_FALSE(ApplyImageChanges(doubling, config).ok());
  std::string ranges = "EXPOSE";
  for (int i = 0; i < 5'000; ++i) ranges += " 1-65535";
  EXPECT_FALSE(ApplyImageChanges(ranges, config).ok());
  EXPECT_FALSE(
      ApplyImageChanges("CMD " + std::string(1 << 17, 'x'), config).ok());
  EXPECT_LT(config.ByteSizeLong(), 4u << 20);
}

}  // namespace
}  // namespace tug::gatewayd
