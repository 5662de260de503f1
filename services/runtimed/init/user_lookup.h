// SPDX-License-Identifier: Apache-2.0
//
// Docker's rules for "user[:group]" against passwd(5) and group(5) texts, with
// one that is stricter: a number is always an id, never a name
// (CVE-2026-46680), and ids stop at 2^31 - 2. Pure functions; no allocation.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

namespace tug::runtimed {

// Largest passwd or group file that is read.
inline constexpr size_t kMaxUserFileSize = 1u << 20;
// Most groups of a process: those of the file, those asked for, the primary.
inline constexpr size_t kMaxGroups = 2048;
inline constexpr size_t kMaxHomeSize = 1024;
inline constexpr uint32_t kMaxId = 0x7ffffffe;

// Ids of a process.
struct UserIds {
  uid_t uid = 0;
  gid_t gid = 0;
  // Always contains `gid` (CVE-2022-36109); no doubles.
  gid_t groups[kMaxGroups];
  size_t group_count = 0;
  // From passwd; "/" for a user that is not there.
  char home[kMaxHomeSize] = "/";
};

// Text that need not end in NUL.
struct TextRange {
  const char* begin;
  size_t size;
};

// Parses digits only: no sign, no blank, not empty. False beyond kMaxId.
bool ParseId(const char* text, size_t size, uint32_t* id);

// Resolves `spec`. 0; -EINVAL: malformed or out of range; -ENOENT: no such
// user or group (`*missing_group` tells which); -E2BIG: too many groups.
long LookUpUser(const char* spec, TextRange passwd, TextRange group,
                UserIds* ids, bool* missing_group);

// Takes the home of the user with `ids->uid` from another passwd file, if it
// has one there.
void LookUpHome(TextRange passwd, UserIds* ids);

// Adds the group `name` (a name or a number) to `ids`. As LookUpUser.
long AddGroup(const char* name, TextRange group, UserIds* ids);

}  // namespace tug::runtimed
