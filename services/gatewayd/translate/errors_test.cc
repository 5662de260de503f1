// SPDX-License-Identifier: Apache-2.0
#include "services/gatewayd/translate/errors.h"

#include "gtest/gtest.h"
#include "lib/base/status.h"

namespace tug::gatewayd {
namespace {

struct ErrorCase {
  const char* name;
  const char* reason;
  const char* subject;
  const char* message;
  int http_status;
  const char* text;
};

class TranslateErrorTest : public testing::TestWithParam<ErrorCase> {};

TEST_P(TranslateErrorTest, GivesDockersWords) {
  const ErrorCase& c = GetParam();
  absl::Status status =
      WithReason(absl::FailedPreconditionError(c.message), c.reason);
  for (const auto& [key, value] :
       {std::pair{"id", "0123456789abcdef"}, std::pair{"name", "web"},
        std::pair{"lease", "fedcba9876543210fedc"},
        std::pair{"leases", "aa, bb"}, std::pair{"port", "80"},
        std::pair{"address", "127.0.0.1"}}) {
    status = WithMetadata(status, key, value);
  }
  const HttpError error = TranslateError(status, c.subject);
  EXPECT_EQ(error.status, c.http_status);
  EXPECT_EQ(error.message, c.text);
}

// Texts recorded from Docker 29.7.2; those that the docker client looks into
// are marked.
constexpr ErrorCase kCases[] = {
    {"Container", "CONTAINER_UNKNOWN", "nope", "", 404,
     "No such container: nope"},
    {"Name", "CONTAINER_NAME_TAKEN", "", "", 409,
     "Conflict. The container name \"/web\" is already in use by container "
     "\"0123456789abcdef\". You have to remove (or rename) that container to "
     "be able to reuse that name."},
    {"NotRunning", "CONTAINER_NOT_RUNNING", "web", "", 409,
     "container 0123456789abcdef is not running"},
    {"Ambiguous", "CONTAINER_AMBIGUOUS", "2", "", 400,
     "multiple IDs found with provided prefix: 2"},
    {"RemoveRunning", "CONTAINER_RUNNING", "web", "", 409,
     "cannot remove container \"web\": container is running: stop the "
     "container before removing or force remove"},
    {"Exec", "EXEC_UNKNOWN", "e", "", 404, "No such exec instance: e"},
    {"ExecEnded", "EXEC_NOT_RUNNING", "e", "", 404,
     "NotFound: process does not exist 0123456789abcdef: not found"},
    {"Update", "UPDATE_CONFLICT", "web", "why", 409,
     "Cannot update container 0123456789abcdef: why"},
    // docker run pulls when it reads this.
    {"Image", "IMAGE_UNKNOWN", "nope", "", 404, "No such image: nope:latest"},
    {"ImageFull", "IMAGE_UNKNOWN", "docker.io/library/nope:1", "", 404,
     "No such image: nope:1"},
    // Exit code 127.
    {"NotFound", "EXEC_NOT_FOUND", "web", "exec: \"x\"", 400,
     "exec: \"x\": executable file not "
     "found in $PATH"},
    {"NoFile", "EXEC_NOT_FOUND", "web",
     "exec: \"/x\": stat /x: no such file or directory", 400,
     "exec: \"/x\": stat /x: no such file "
     "or directory"},
    // Exit code 126.
    {"Permission", "EXEC_PERMISSION", "web", "exec: \"x\"", 400,
     "exec: \"x\": permission denied"},
    {"ImageInUse", "IMAGE_IN_USE", "debian", "", 409,
     "conflict: unable to delete debian (must be forced) - container "
     "fedcba987654 is using its referenced image"},
    {"Network", "NETWORK_UNKNOWN", "n", "", 404, "network n not found"},
    {"NetworkInUse", "NETWORK_IN_USE", "n",
     "network n has active endpoints (name:\"x\" id:\"1\")", 403,
     "error while removing network: network n has active endpoints "
     "(name:\"x\" id:\"1\")"},
    {"Port", "PORT_TAKEN", "web", "", 500,
     "failed to set up container networking: driver failed programming "
     "external connectivity on endpoint web: Bind for 127.0.0.1:80 failed: "
     "port is already allocated"},
    {"Volume", "VOLUME_UNKNOWN", "v", "", 404, "get web: no such volume"},
    {"VolumeInUse", "VOLUME_IN_USE", "v", "", 409,
     "remove web: volume is in use - [aa, bb]"},
    {"Manifest", "MANIFEST_UNKNOWN", "localhost:5000/a:1", "", 404,
     "failed to resolve reference \"localhost:5000/a:1\": "
     "localhost:5000/a:1: not found"},
    {"Reference", "REFERENCE_INVALID", "a b", "x", 400,
     "invalid reference format"},
    {"Capitals", "REFERENCE_INVALID", "UP:1", "x", 400,
     "invalid reference format: repository name (library/UP) must be "
     "lowercase"},
    {"CapitalsBehindHost", "REFERENCE_INVALID", "localhost:5000/a/B", "x", 400,
     "invalid reference format: repository name (a/B) must be lowercase"},
    {"Ticket", "TICKET_UNKNOWN", "web", "expired", 503,
     "the stream was not taken over in time, or its service has restarted: try "
     "again"},
    {"Other", "SOMETHING_NEW", "x", "as it is", 400, "as it is"},
};
INSTANTIATE_TEST_SUITE_P(All, TranslateErrorTest, testing::ValuesIn(kCases),
                         [](const auto& info) {
                           return std::string(info.param.name);
                         });

}  // namespace
}  // namespace tug::gatewayd
