// SPDX-License-Identifier: Apache-2.0
//
// Who the program runs as: the container's own passwd and group files, read
// here and nowhere else, bounded, without NSS.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "lib/sys/file.h"
#include "services/runtimed/init/steps.h"

namespace tug::runtimed {
namespace {

// One byte more than allowed, to notice a longer file. Zero pages until used.
char passwd_bytes[kMaxUserFileSize + 1];
char group_bytes[kMaxUserFileSize + 1];

// An absent file is an empty one; a device or fifo would not end.
long ReadUserFile(int root, const char* path, char* bytes, TextRange* text) {
  *text = {bytes, 0};
  const long opened =
      sys::OpenInRoot(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (opened == -ENOENT || opened == -ENOTDIR) return 0;
  if (opened < 0) return opened;
  const UniqueFd file(static_cast<int>(opened));
  struct stat status = {};
  if (fstat(file.get(), &status) != 0) return -errno;
  if (!S_ISREG(status.st_mode)) return -EINVAL;
  const long size = sys::ReadUpTo(file.get(), bytes, kMaxUserFileSize + 1);
  if (size < 0) return size;
  if (size > static_cast<long>(kMaxUserFileSize)) return -EFBIG;
  text->size = static_cast<size_t>(size);
  return 0;
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
  context.operand = "/etc/passwd";
  long error = ReadUserFile(context.root, "/etc/passwd", passwd_bytes, &passwd);
  if (error < 0) return error;
  context.operand = "/etc/group";
  error = ReadUserFile(context.root, "/etc/group", group_bytes, &group);
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
  return 0;
}

}  // namespace tug::runtimed
