// SPDX-License-Identifier: Apache-2.0
#include "services/runtimed/init/user_lookup.h"

#include <cerrno>
#include <cstring>

namespace tug::runtimed {
namespace {

// passwd has seven fields, group four; a line with fewer is skipped.
constexpr size_t kMaxFields = 7;

struct Line {
  TextRange fields[kMaxFields];
  size_t count = 0;
};

bool Equal(TextRange a, const char* text, size_t size) {
  return a.size == size && memcmp(a.begin, text, size) == 0;
}

// Splits off the next line; false at the end.
bool NextLine(TextRange* rest, Line* line) {
  if (rest->size == 0) return false;
  const char* begin = rest->begin;
  const void* newline = memchr(begin, '\n', rest->size);
  const char* end = newline != nullptr ? static_cast<const char*>(newline)
                                       : begin + rest->size;
  const size_t taken = static_cast<size_t>(end - begin) + (newline ? 1 : 0);
  *rest = {begin + taken, rest->size - taken};
  line->count = 0;
  while (line->count < kMaxFields) {
    const void* colon = memchr(begin, ':', static_cast<size_t>(end - begin));
    const char* stop = colon != nullptr ? static_cast<const char*>(colon) : end;
    line->fields[line->count++] = {begin, static_cast<size_t>(stop - begin)};
    if (colon == nullptr) break;
    begin = stop + 1;
  }
  return true;
}

bool Id(TextRange text, uint32_t* id) {
  return ParseId(text.begin, text.size, id);
}

// Whether the comma-separated `members` contain `name`.
bool HasMember(TextRange members, TextRange name) {
  while (members.size >= name.size) {
    const void* comma = memchr(members.begin, ',', members.size);
    const size_t size =
        comma != nullptr ? static_cast<size_t>(static_cast<const char*>(comma) -
                                               members.begin)
                         : members.size;
    if (Equal({members.begin, size}, name.begin, name.size)) return true;
    if (comma == nullptr) return false;
    members = {members.begin + size + 1, members.size - size - 1};
  }
  return false;
}

bool AddId(gid_t gid, UserIds* ids) {
  for (size_t i = 0; i < ids->group_count; ++i) {
    if (ids->groups[i] == gid) return true;
  }
  if (ids->group_count == kMaxGroups) return false;
  ids->groups[ids->group_count++] = gid;
  return true;
}

struct PasswdEntry {
  TextRange name;
  uint32_t uid;
  uint32_t gid;
  TextRange home;
};

// The first entry with this name, or with this id where `name` is a number.
bool FindUser(TextRange passwd, TextRange name, bool numeric, uint32_t uid,
              PasswdEntry* entry) {
  Line line;
  while (NextLine(&passwd, &line)) {
    uint32_t line_uid = 0;
    uint32_t line_gid = 0;
    if (line.count < 6 || !Id(line.fields[2], &line_uid) ||
        !Id(line.fields[3], &line_gid)) {
      continue;
    }
    const bool match = numeric ? line_uid == uid
                               : Equal(line.fields[0], name.begin, name.size);
    if (!match) continue;
    *entry = {line.fields[0], line_uid, line_gid, line.fields[5]};
    return true;
  }
  return false;
}

// The id of the first group with this name.
bool FindGroup(TextRange group, TextRange name, uint32_t* gid) {
  Line line;
  while (NextLine(&group, &line)) {
    if (line.count >= 3 && Equal(line.fields[0], name.begin, name.size) &&
        Id(line.fields[2], gid)) {
      return true;
    }
  }
  return false;
}

long AddMemberships(TextRange group, TextRange user, UserIds* ids) {
  Line line;
  while (NextLine(&group, &line)) {
    uint32_t gid = 0;
    if (line.count >= 4 && Id(line.fields[2], &gid) &&
        HasMember(line.fields[3], user) && !AddId(gid, ids)) {
      return -E2BIG;
    }
  }
  return 0;
}

bool StartsLikeNumber(TextRange text) {
  return text.size > 0 && ((text.begin[0] >= '0' && text.begin[0] <= '9') ||
                           text.begin[0] == '-' || text.begin[0] == '+');
}

// A number, or -ENOENT for a name; -EINVAL for what is all digits but no id.
long ParseNumber(TextRange text, uint32_t* id) {
  if (Id(text, id)) return 0;
  if (!StartsLikeNumber(text)) return -ENOENT;
  size_t i = text.begin[0] == '-' || text.begin[0] == '+' ? 1 : 0;
  if (i == 1 && text.size == 1) return -ENOENT;
  for (; i < text.size; ++i) {
    if (text.begin[i] < '0' || text.begin[i] > '9') return -ENOENT;
  }
  return -EINVAL;
}

long ResolveGroup(TextRange name, TextRange group, uint32_t* gid) {
  const long parsed = ParseNumber(name, gid);
  if (parsed != -ENOENT) return parsed;
  return FindGroup(group, name, gid) ? 0 : -ENOENT;
}

void CopyHome(TextRange home, UserIds* ids) {
  if (home.size == 0 || home.size >= kMaxHomeSize) return;
  if (memchr(home.begin, '\0', home.size) != nullptr) return;
  memcpy(ids->home, home.begin, home.size);
  ids->home[home.size] = '\0';
}

// Fills in uid, gid and home. `*name` becomes the matched user's, or empty.
long ResolveUser(TextRange* name, TextRange passwd, UserIds* ids) {
  uint32_t uid = 0;
  bool numeric = true;
  if (name->size > 0) {
    const long parsed = ParseNumber(*name, &uid);
    if (parsed == -EINVAL) return parsed;
    numeric = parsed == 0;
  }
  PasswdEntry entry = {};
  if (FindUser(passwd, *name, numeric, uid, &entry)) {
    ids->uid = entry.uid;
    ids->gid = entry.gid;
    CopyHome(entry.home, ids);
    *name = entry.name;
    return 0;
  }
  if (!numeric) return -ENOENT;
  ids->uid = uid;
  *name = {name->begin, 0};
  return 0;
}

}  // namespace

bool ParseId(const char* text, size_t size, uint32_t* id) {
  if (size == 0 || size > 10) return false;
  uint64_t value = 0;
  for (size_t i = 0; i < size; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    value = value * 10 + static_cast<uint64_t>(text[i] - '0');
  }
  if (value > kMaxId) return false;
  *id = static_cast<uint32_t>(value);
  return true;
}

long LookUpUser(const char* spec, TextRange passwd, TextRange group,
                UserIds* ids, bool* missing_group) {
  *missing_group = false;
  const char* colon = strchrnul(spec, ':');
  TextRange user = {spec, static_cast<size_t>(colon - spec)};
  const long error = ResolveUser(&user, passwd, ids);
  if (error != 0) return error;
  ids->group_count = 0;
  const bool has_group = *colon == ':' && colon[1] != '\0';
  if (has_group) {
    uint32_t gid = 0;
    const TextRange name = {colon + 1, strlen(colon + 1)};
    const long found = ResolveGroup(name, group, &gid);
    *missing_group = found == -ENOENT;
    if (found != 0) return found;
    ids->gid = gid;
  }
  if (!AddId(ids->gid, ids)) return -E2BIG;
  // As Docker: an explicit group stands alone.
  if (has_group || user.size == 0) return 0;
  return AddMemberships(group, user, ids);
}

void LookUpHome(TextRange passwd, UserIds* ids) {
  PasswdEntry entry = {};
  if (FindUser(passwd, {}, /*numeric=*/true, ids->uid, &entry)) {
    CopyHome(entry.home, ids);
  }
}

long AddGroup(const char* name, TextRange group, UserIds* ids) {
  uint32_t gid = 0;
  const long error = ResolveGroup({name, strlen(name)}, group, &gid);
  if (error != 0) return error;
  return AddId(gid, ids) ? 0 : -E2BIG;
}

}  // namespace tug::runtimed
