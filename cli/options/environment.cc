// SPDX-License-Identifier: Apache-2.0
#include "cli/options/environment.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/status_macros.h"

namespace tug::cli {
namespace {

constexpr size_t kMaxFileBytes = 16 * 1024 * 1024;

absl::Status Invalid(const std::string& text) {
  return absl::InvalidArgumentError(text);
}

// Lines without comments, blank ones and a byte order mark.
absl::StatusOr<std::vector<std::string>> ReadLines(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, ReadTextFile(path));
  std::vector<std::string> lines;
  absl::string_view rest = text;
  absl::ConsumePrefix(&rest, "\xef\xbb\xbf");
  for (absl::string_view line : absl::StrSplit(rest, '\n')) {
    absl::ConsumeSuffix(&line, "\r");
    line = absl::StripLeadingAsciiWhitespace(line);
    if (line.empty() || line[0] == '#') continue;
    const absl::string_view key = line.substr(0, line.find('='));
    if (key.find_first_of(" \t") != absl::string_view::npos) {
      return Invalid(absl::StrCat("invalid env file (", path, "): variable '",
                                  key, "' contains whitespaces"));
    }
    if (key.empty()) {
      return Invalid(absl::StrCat("invalid env file (", path,
                                  "): no variable name on line '", line, "'"));
    }
    lines.emplace_back(line);
  }
  return lines;
}

// The lines of the files, then the words, so that a word wins.
absl::StatusOr<std::vector<std::string>> Gather(
    const std::vector<std::string>& files,
    const std::vector<std::string>& words) {
  std::vector<std::string> all;
  for (const std::string& file : files) {
    ASSIGN_OR_RETURN(const std::vector<std::string> lines, ReadLines(file));
    all.insert(all.end(), lines.begin(), lines.end());
  }
  all.insert(all.end(), words.begin(), words.end());
  return all;
}

}  // namespace

absl::StatusOr<std::string> ReadTextFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return Invalid(absl::StrCat("open ", path, ": ", std::strerror(errno)));
  }
  std::string text;
  char buffer[65536];
  while (file.read(buffer, sizeof(buffer)) || file.gcount() > 0) {
    text.append(buffer, static_cast<size_t>(file.gcount()));
    if (text.size() > kMaxFileBytes) {
      return Invalid(absl::StrCat("read ", path, ": too large"));
    }
  }
  return text;
}

absl::StatusOr<std::vector<std::string>> ReadEnvironment(
    const std::vector<std::string>& files,
    const std::vector<std::string>& words) {
  ASSIGN_OR_RETURN(const std::vector<std::string> all, Gather(files, words));
  std::vector<std::string> environment;
  for (const std::string& word : all) {
    if (word.empty() || word[0] == '=') {
      return Invalid(absl::StrCat("invalid environment variable: ", word));
    }
    if (word.find('=') != std::string::npos) {
      environment.push_back(word);
    } else if (const char* value = std::getenv(word.c_str())) {
      environment.push_back(absl::StrCat(word, "=", value));
    }
  }
  return environment;
}

absl::StatusOr<boost::json::object> ReadLabels(
    const std::vector<std::string>& files,
    const std::vector<std::string>& words) {
  ASSIGN_OR_RETURN(const std::vector<std::string> all, Gather(files, words));
  for (const std::string& word : all) {
    if (word.empty() || word[0] == '=') {
      return Invalid(absl::StrCat("invalid label '", word, "': empty name"));
    }
  }
  return PairsToObject(all);
}

boost::json::object PairsToObject(const std::vector<std::string>& words) {
  boost::json::object object;
  for (const std::string& word : words) {
    const size_t equals = word.find('=');
    object[word.substr(0, equals)] =
        equals == std::string::npos ? "" : word.substr(equals + 1);
  }
  return object;
}

}  // namespace tug::cli
