// SPDX-License-Identifier: Apache-2.0
//
// Who the program runs as: the image's own passwd and group files, read here
// and nowhere else, bounded, without NSS.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "lib/sys/file.h"
#include "services/runtimed/init/image_file.h"
#include "services/runtimed/init/steps.h"

namespace tug::runtimed {
namespace {

constexpr char kPasswd[] = "/etc/passwd";

// One byte more than allowed, to notice a longer file. Zero pages until used.
char passwd_bytes[kMaxUserFileSize + 1];
char group_bytes[kMaxUserFileSize + 1];

// An absent file is an empty one, and so is what is no regular file.
long ReadUserFile(const UniqueFd& file, char* bytes, TextRange* text) {
  *text = {bytes, 0};
  if (!file) return 0;
  const long size = sys::ReadUpTo(file.get(), bytes, kMaxUserFileSize + 1);
  if (size < 0) return size;
  if (size > static_cast<long>(kMaxUserFileSize)) return -EFBIG;
  text->size = static_cast<size_t>(size);
  return 0;
}

long ReadImageFile(InitContext& context, const char* path, char* bytes,
                   TextRange* text) {
  context.operand = path;
  UniqueFd file;
  const long error = OpenImageFile(context, path, &file);
  return error < 0 ? error : ReadUserFile(file, bytes, text);
}

// Who a process is, the image says; where its home is, whatever the container
// sees at /etc/passwd, as with Docker. Where that cannot be read, the image's.
void LookUpMountedHome(InitContext& context) {
  UniqueFd file;
  TextRange passwd;
  if (OpenMountedFile(context, kPasswd, &file) == 0 &&
      ReadUserFile(file, passwd_bytes, &passwd) == 0) {
    LookUpHome(passwd, &context.user);
  }
}

}  // namespace

long OpenRoot(InitContext& context) {
  context.operand = "/";
  context.root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  return context.root == -1 ? -errno : 0;
}

long LookUpIdentity(InitContext& context) {
  const PlanView& plan = context.plan;
  TextRange passwd;
  TextRange group;
  long error = ReadImageFile(context, kPasswd, passwd_bytes, &passwd);
  if (error == 0) {
    error = ReadImageFile(context, "/etc/group", group_bytes, &group);
  }
  if (error < 0) return error;
  context.operand = plan.Text(plan->user);
  bool missing_group = false;
  error =
      LookUpUser(context.operand, passwd, group, &context.user, &missing_group);
  if (missing_group) {
    context.failed_step = LaunchStep::kLookUpGroup;
    context.operand = strchr(context.operand, ':') + 1;
  }
  if (error < 0) return error;
  const PlanTable& additional = plan->additional_groups;
  for (uint32_t i = 0; i < additional.count; ++i) {
    context.operand = plan.TextAt(additional, i);
    error = AddGroup(context.operand, group, &context.user);
    if (error < 0) {
      context.failed_step = LaunchStep::kLookUpGroup;
      return error;
    }
  }
  LookUpMountedHome(context);
  return 0;
}

}  // namespace tug::runtimed
