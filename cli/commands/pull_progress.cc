// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/pull_progress.h"

#include <unistd.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "cli/format/human.h"
#include "cli/format/json_text.h"

namespace tug::cli {
namespace {

// Terminals narrower than this show sizes without a bar.
constexpr unsigned kWideTerminal = 110;
constexpr int64_t kBarWidth = 50;
constexpr char kClearLine[] = "\x1b[2K\r";

// Registries and archives are not trusted with the terminal.
std::string Printable(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return text;
}

}  // namespace

std::string ProgressBar(int64_t current, int64_t total, unsigned width) {
  if (current <= 0 && total <= 0) return "";
  if (total <= 0) return HumanSize(current);
  const std::string sizes =
      absl::StrCat(HumanSize(current), "/", HumanSize(total));
  if (width <= kWideTerminal) return sizes;
  const int64_t part =
      std::clamp<int64_t>(current * kBarWidth / total, 0, kBarWidth);
  std::string bar(static_cast<size_t>(part), '=');
  if (part < kBarWidth) bar += '>';
  bar.resize(static_cast<size_t>(kBarWidth) + 1, ' ');
  return absl::StrCat("[", bar.substr(0, static_cast<size_t>(kBarWidth)), "]  ",
                      sizes);
}

void ProgressDisplay::Write(const std::string& text) {
  size_t done = 0;
  while (done < text.size()) {
    const ssize_t count = write(fd_, text.data() + done, text.size() - done);
    if (count <= 0) return;  // Nobody looks any more; the pull goes on.
    done += static_cast<size_t>(count);
  }
}

absl::Status ProgressDisplay::Show(const boost::json::value& message) {
  const std::string error = StringMember(message, "error");
  const std::string detail =
      StringMember(Member(message, "errorDetail"), "message");
  if (!error.empty() || !detail.empty()) {
    return absl::InternalError(detail.empty() ? error : detail);
  }
  const std::string stream = StringMember(message, "stream");
  if (!stream.empty()) {
    Write(stream);
    return absl::OkStatus();
  }
  const std::string status = Printable(StringMember(message, "status"));
  if (status.empty()) return absl::OkStatus();
  const std::string id = Printable(StringMember(message, "id"));
  const boost::json::value& progress = Member(message, "progressDetail");
  const std::string bar = ProgressBar(IntMember(progress, "current"),
                                      IntMember(progress, "total"), width_);
  if (width_ == 0 && !bar.empty()) return absl::OkStatus();
  Draw(id, absl::StrCat(id, id.empty() ? "" : ": ", status,
                        bar.empty() ? "" : " ", bar));
  return absl::OkStatus();
}

void ProgressDisplay::Draw(const std::string& id, const std::string& line) {
  if (width_ == 0 || id.empty()) {
    // What comes after a line without id is drawn below it.
    lines_.clear();
    Write(line + "\n");
    return;
  }
  const auto [found, is_new] = lines_.emplace(id, lines_.size());
  if (is_new) {
    Write(Ellipsis(line, width_) + "\n");
    return;
  }
  const size_t up = lines_.size() - found->second;
  Write(absl::StrCat("\x1b[", up, "A", kClearLine, Ellipsis(line, width_),
                     "\x1b[", up, "B\r"));
}

}  // namespace tug::cli
