// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "cli/commands/command.h"
#include "cli/commands/output.h"
#include "cli/format/human.h"
#include "cli/format/json_text.h"
#include "cli/format/list_output.h"
#include "lib/base/status_macros.h"

namespace tug::cli {
namespace {

namespace json = boost::json;

constexpr char kNone[] = "<none>";

std::vector<Column> Columns(bool digests) {
  std::vector<Column> columns = {{"Repository", "REPOSITORY"}, {"Tag", "TAG"}};
  if (digests) columns.push_back({"Digest", "DIGEST"});
  columns.push_back({"ID", "IMAGE ID"});
  columns.push_back({"CreatedSince", "CREATED"});
  columns.push_back({"Size", "SIZE"});
  columns.push_back({"CreatedAt", "CREATED AT"});
  columns.push_back({"Containers", "CONTAINERS"});
  if (!digests) columns.push_back({"Digest", "DIGEST"});
  return columns;
}

struct Name {
  std::string repository = kNone;
  std::string tag = kNone;
  std::string digest = kNone;
};

// The digest by which `repository` knows the image.
std::string DigestFor(const json::value& image, const std::string& repository) {
  for (const json::value& value : ArrayMember(image, "RepoDigests")) {
    const std::string text(value.get_string());
    const size_t at = text.find('@');
    if (at != std::string::npos && text.substr(0, at) == repository) {
      return text.substr(at + 1);
    }
  }
  return kNone;
}

// One line a tag; an image without tags has one too.
std::vector<Name> NamesOf(const json::value& image) {
  std::vector<Name> names;
  for (const json::value& value : ArrayMember(image, "RepoTags")) {
    if (!value.is_string()) continue;
    const std::string text(value.get_string());
    // A name by digest alone is in RepoDigests as well.
    if (text.find('@') != std::string::npos) continue;
    const size_t colon = text.rfind(':');
    Name name;
    name.repository = text.substr(0, colon);
    name.tag = colon == std::string::npos ? kNone : text.substr(colon + 1);
    name.digest = DigestFor(image, name.repository);
    names.push_back(name);
  }
  if (!names.empty()) return names;
  Name name;
  const json::array& digests = ArrayMember(image, "RepoDigests");
  if (!digests.empty() && digests[0].is_string()) {
    const std::string text(digests[0].get_string());
    name.repository = text.substr(0, text.find('@'));
    name.digest = DigestFor(image, name.repository);
  }
  return {name};
}

json::object RowOf(const json::value& image, const Name& name, bool truncate) {
  const absl::Time created = absl::FromUnixSeconds(IntMember(image, "Created"));
  const std::string id = StringMember(image, "Id");
  const int64_t containers = IntMember(image, "Containers");
  json::object row;
  row["Repository"] = name.repository;
  row["Tag"] = name.tag;
  row["Digest"] = name.digest;
  row["ID"] = truncate ? ShortenId(id) : id;
  row["CreatedSince"] =
      absl::StrCat(HumanDuration(absl::Now() - created), " ago");
  row["CreatedAt"] = LocalTime(created);
  row["Size"] = HumanSize(IntMember(image, "Size"));
  row["Containers"] = containers < 0 ? "N/A" : absl::StrCat(containers);
  return row;
}

class ImagesCommand final : public Command {
 public:
  void AddFlags(FlagSet& flags) override {
    flags.Bool('a', "all", &all_, "Show all images");
    flags.Bool(0, "digests", &digests_, "Show digests");
    flags.List('f', "filter", &filters_, "Filter output");
    flags.String(0, "format", &format_, "Format output");
    flags.Bool(0, "no-trunc", &no_trunc_, "Do not truncate output");
    flags.Bool('q', "quiet", &quiet_, "Only show image IDs");
  }

  absl::StatusOr<int> Run(const Engine& engine,
                          const std::vector<std::string>& words) override {
    if (!words.empty()) {
      filters_.push_back(absl::StrCat("reference=", words[0]));
    }
    Path path("/images/json");
    path.Flag("all", all_);
    ASSIGN_OR_RETURN(const std::string filters, EncodeFilters(filters_));
    if (!filters.empty()) path.Query("filters", filters);
    ASSIGN_OR_RETURN(const json::value list, engine.Get(path));
    std::vector<json::object> rows;
    if (list.is_array()) {
      for (const json::value& image : list.get_array()) {
        for (const Name& name : NamesOf(image)) {
          rows.push_back(RowOf(image, name, !no_trunc_));
        }
      }
    }
    if (quiet_ && format_.empty()) format_ = "{{.ID}}";
    ASSIGN_OR_RETURN(
        const std::string text,
        FormatList(format_, Columns(digests_), digests_ ? 6 : 5, rows));
    Print(text);
    return 0;
  }

 private:
  bool all_ = false;
  bool digests_ = false;
  bool no_trunc_ = false;
  bool quiet_ = false;
  std::string format_;
  std::vector<std::string> filters_;
};

}  // namespace

std::unique_ptr<Command> NewImagesCommand() {
  return std::make_unique<ImagesCommand>();
}

}  // namespace tug::cli
