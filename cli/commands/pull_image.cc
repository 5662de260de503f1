// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/pull_image.h"

#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "cli/client/credentials.h"
#include "cli/commands/output.h"
#include "cli/commands/pull_progress.h"
#include "cli/format/json_text.h"
#include "cli/terminal/raw_mode.h"
#include "lib/base/status_macros.h"

namespace tug::cli {

std::string WithDefaultTag(const std::string& image) {
  const size_t slash = image.rfind('/');
  const size_t from = slash == std::string::npos ? 0 : slash;
  const bool named = image.find(':', from) != std::string::npos ||
                     image.find('@') != std::string::npos;
  return named ? image : image + ":latest";
}

absl::Status PullImage(const Engine& engine, const PullOptions& options) {
  ASSIGN_OR_RETURN(const CredentialFile credentials, CredentialFile::Load());
  ASSIGN_OR_RETURN(const std::string header,
                   credentials.HeaderFor(RegistryOf(options.image)));
  Path path("/images/create");
  const std::string full = WithDefaultTag(options.image);
  const size_t at = full.find('@');
  const std::string named = full.substr(0, at);
  const size_t slash = named.rfind('/');
  const size_t colon = named.find(':', slash == std::string::npos ? 0 : slash);
  // A digest stands where a tag does; a tag beside it has no meaning.
  if (options.all_tags) {
    path.Query("fromImage", options.image);
  } else if (at != std::string::npos) {
    path.Query("fromImage", named.substr(0, colon));
    path.Query("tag", full.substr(at + 1));
  } else {
    path.Query("fromImage", named.substr(0, colon));
    path.Query("tag", named.substr(colon + 1));
  }
  if (!options.platform.empty()) path.Query("platform", options.platform);
  const auto size = TerminalSize(options.fd);
  ProgressDisplay display(options.fd, size.has_value() ? size->columns : 0);
  LineSplitter lines([&](absl::string_view line) -> absl::Status {
    boost::json::error_code error;
    const boost::json::value message =
        boost::json::parse({line.data(), line.size()}, error);
    if (error) return absl::InternalError("the engine sent no JSON");
    if (!options.quiet) return display.Show(message);
    const std::string failure = StringMember(message, "error");
    return failure.empty() ? absl::OkStatus() : absl::InternalError(failure);
  });
  RETURN_IF_ERROR(engine.Stream(
      "POST", path, {{"X-Registry-Auth", header}}, nullptr,
      [&lines](absl::string_view bytes) { return lines.Feed(bytes); }));
  return lines.Finish();
}

}  // namespace tug::cli
