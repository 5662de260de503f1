// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "cli/commands/command.h"
#include "cli/commands/output.h"
#include "cli/commands/port_display.h"
#include "cli/format/human.h"
#include "cli/format/json_text.h"
#include "cli/format/list_output.h"
#include "lib/base/status_macros.h"

namespace tug::cli {
namespace {

namespace json = boost::json;

constexpr size_t kCommandWidth = 20;
constexpr size_t kMountWidth = 15;
constexpr size_t kStandardColumns = 7;

const std::vector<Column>& Columns() {
  static const auto* const kColumns = new std::vector<Column>{
      {"ID", "CONTAINER ID"},      {"Image", "IMAGE"},
      {"Command", "COMMAND"},      {"RunningFor", "CREATED"},
      {"Status", "STATUS"},        {"Ports", "PORTS"},
      {"Names", "NAMES"},          {"Size", "SIZE"},
      {"CreatedAt", "CREATED AT"}, {"State", "STATE"},
      {"Labels", "LABELS"},        {"Mounts", "MOUNTS"},
      {"Networks", "NETWORKS"},    {"LocalVolumes", "LOCAL VOLUMES"}};
  return *kColumns;
}

// Names without the slash; those of links have a second one.
std::string NamesOf(const json::value& container, bool truncate) {
  std::vector<std::string> names;
  for (const json::value& name : ArrayMember(container, "Names")) {
    if (!name.is_string()) continue;
    const std::string text = std::string(name.get_string()).substr(1);
    if (truncate && absl::StrContains(text, "/")) continue;
    names.push_back(text);
  }
  return absl::StrJoin(names, ",");
}

std::string LabelsOf(const json::value& container) {
  std::vector<std::string> labels;
  for (const auto& pair : ObjectMember(container, "Labels")) {
    labels.push_back(absl::StrCat(std::string(pair.key()), "=",
                                  pair.value().is_string()
                                      ? std::string(pair.value().get_string())
                                      : ""));
  }
  return absl::StrJoin(labels, ",");
}

std::string NetworksOf(const json::value& container) {
  std::vector<std::string> names;
  for (const auto& pair :
       ObjectMember(Member(container, "NetworkSettings"), "Networks")) {
    names.emplace_back(pair.key());
  }
  return absl::StrJoin(names, ",");
}

std::string MountsOf(const json::value& container, bool truncate) {
  std::vector<std::string> mounts;
  for (const json::value& mount : ArrayMember(container, "Mounts")) {
    const std::string name = StringMember(mount, "Name");
    const std::string text =
        name.empty() ? StringMember(mount, "Source") : name;
    mounts.push_back(truncate ? Ellipsis(text, kMountWidth) : text);
  }
  return absl::StrJoin(mounts, ",");
}

int64_t LocalVolumesOf(const json::value& container) {
  int64_t count = 0;
  for (const json::value& mount : ArrayMember(container, "Mounts")) {
    if (StringMember(mount, "Driver") == "local") ++count;
  }
  return count;
}

std::string SizeOf(const json::value& container) {
  const std::string own = HumanSize(IntMember(container, "SizeRw"));
  const int64_t root = IntMember(container, "SizeRootFs");
  return root > 0 ? absl::StrCat(own, " (virtual ", HumanSize(root), ")") : own;
}

std::string ImageOf(const json::value& container, bool truncate) {
  const std::string image = StringMember(container, "Image");
  if (image.empty()) return "<no image>";
  return truncate && absl::StartsWith(image, "sha256:") ? ShortenId(image)
                                                        : image;
}

json::object RowOf(const json::value& container, bool truncate) {
  const absl::Time created =
      absl::FromUnixSeconds(IntMember(container, "Created"));
  const std::string id = StringMember(container, "Id");
  const std::string command = StringMember(container, "Command");
  json::object row;
  row["ID"] = truncate ? ShortenId(id) : id;
  row["Image"] = ImageOf(container, truncate);
  row["Command"] = absl::StrCat(
      "\"", truncate ? Ellipsis(command, kCommandWidth) : command, "\"");
  row["RunningFor"] =
      absl::StrCat(HumanDuration(absl::Now() - created), " ago");
  row["Status"] = StringMember(container, "Status");
  row["Ports"] = DisplayPorts(ArrayMember(container, "Ports"));
  row["Names"] = NamesOf(container, truncate);
  row["Size"] = SizeOf(container);
  row["CreatedAt"] = LocalTime(created);
  row["State"] = StringMember(container, "State");
  row["Labels"] = LabelsOf(container);
  row["LabelMap"] = ObjectMember(container, "Labels");
  row["Mounts"] = MountsOf(container, truncate);
  row["Networks"] = NetworksOf(container);
  row["LocalVolumes"] = absl::StrCat(LocalVolumesOf(container));
  return row;
}

class PsCommand final : public Command {
 public:
  void AddFlags(FlagSet& flags) override {
    flags.Bool('a', "all", &all_, "Show all containers");
    flags.List('f', "filter", &filters_, "Filter output");
    flags.String(0, "format", &format_, "Format output");
    flags.Int('n', "last", &last_, "Show n last created containers");
    flags.Bool('l', "latest", &latest_, "Show the latest created container");
    flags.Bool(0, "no-trunc", &no_trunc_, "Do not truncate output");
    flags.Bool('q', "quiet", &quiet_, "Only display container IDs");
    flags.Bool('s', "size", &size_, "Display total file sizes");
  }

  absl::StatusOr<int> Run(const Engine& engine,
                          const std::vector<std::string>& words) override;

 private:
  bool all_ = false;
  bool latest_ = false;
  bool no_trunc_ = false;
  bool quiet_ = false;
  bool size_ = false;
  std::optional<int64_t> last_;
  std::string format_;
  std::vector<std::string> filters_;
};

absl::StatusOr<int> PsCommand::Run(const Engine& engine,
                                   const std::vector<std::string>& words) {
  Path path("/containers/json");
  const int64_t limit = latest_ ? 1 : last_.value_or(-1);
  path.Flag("all", all_ || limit > 0);
  if (limit > 0) path.Query("limit", absl::StrCat(limit));
  path.Flag("size", size_ || absl::StrContains(format_, ".Size"));
  ASSIGN_OR_RETURN(const std::string filters, EncodeFilters(filters_));
  if (!filters.empty()) path.Query("filters", filters);
  ASSIGN_OR_RETURN(const json::value list, engine.Get(path));
  std::vector<json::object> rows;
  if (list.is_array()) {
    for (const json::value& container : list.get_array()) {
      rows.push_back(RowOf(container, !no_trunc_));
    }
  }
  if (quiet_ && format_.empty()) format_ = "{{.ID}}";
  ASSIGN_OR_RETURN(
      const std::string text,
      FormatList(format_, Columns(), kStandardColumns + (size_ ? 1 : 0), rows));
  Print(text);
  return 0;
}

}  // namespace

std::unique_ptr<Command> NewPsCommand() {
  return std::make_unique<PsCommand>();
}

}  // namespace tug::cli
