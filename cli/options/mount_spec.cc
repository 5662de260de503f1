// SPDX-License-Identifier: Apache-2.0
#include "cli/options/mount_spec.h"

#include <filesystem>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "cli/options/byte_size.h"
#include "lib/base/status_macros.h"

namespace tug::cli {
namespace {

namespace json = boost::json;

absl::Status Invalid(const std::string& text) {
  return absl::InvalidArgumentError(text);
}

json::object& Section(json::object& mount, const char* name) {
  json::value& section = mount[name];
  if (section.is_null()) section = json::object();
  return section.get_object();
}

absl::StatusOr<bool> BoolValue(const SpecField& field) {
  if (!field.has_value || field.value == "true" || field.value == "1") {
    return true;
  }
  if (field.value == "false" || field.value == "0") return false;
  return Invalid(
      absl::StrCat("invalid value for ", field.key, ": ", field.value));
}

absl::Status ApplyBind(const SpecField& field, json::object& mount) {
  json::object& options = Section(mount, "BindOptions");
  if (field.key == "bind-propagation") {
    options["Propagation"] = field.value;
    return absl::OkStatus();
  }
  if (field.key == "bind-nonrecursive") {
    ASSIGN_OR_RETURN(const bool set, BoolValue(field));
    options["NonRecursive"] = set;
    return absl::OkStatus();
  }
  if (field.key == "bind-recursive") {
    if (field.value == "disabled") {
      options["NonRecursive"] = true;
    } else if (field.value == "writable") {
      options["ReadOnlyNonRecursive"] = true;
    } else if (field.value == "readonly") {
      options["ReadOnlyForceRecursive"] = true;
    } else if (field.value != "enabled") {
      return Invalid(
          absl::StrCat("invalid value for bind-recursive: ", field.value));
    }
    return absl::OkStatus();
  }
  return Invalid(absl::StrCat("unexpected key '", field.key, "'"));
}

void PutPair(json::object& map, const std::string& pair) {
  const size_t equals = pair.find('=');
  map[pair.substr(0, equals)] =
      equals == std::string::npos ? "" : pair.substr(equals + 1);
}

absl::Status ApplyVolume(const SpecField& field, json::object& mount) {
  json::object& options = Section(mount, "VolumeOptions");
  if (field.key == "volume-nocopy") {
    ASSIGN_OR_RETURN(const bool set, BoolValue(field));
    options["NoCopy"] = set;
  } else if (field.key == "volume-label") {
    PutPair(Section(options, "Labels"), field.value);
  } else if (field.key == "volume-driver") {
    Section(options, "DriverConfig")["Name"] = field.value;
  } else if (field.key == "volume-opt") {
    PutPair(Section(Section(options, "DriverConfig"), "Options"), field.value);
  } else if (field.key == "volume-subpath") {
    options["Subpath"] = field.value;
  } else {
    return Invalid(absl::StrCat("unexpected key '", field.key, "'"));
  }
  return absl::OkStatus();
}

absl::Status ApplyTmpfs(const SpecField& field, json::object& mount) {
  json::object& options = Section(mount, "TmpfsOptions");
  if (field.key == "tmpfs-size") {
    ASSIGN_OR_RETURN(const int64_t size, ParseBytes(field.value));
    options["SizeBytes"] = size;
    return absl::OkStatus();
  }
  if (field.key == "tmpfs-mode") {
    char* end = nullptr;
    const unsigned long mode = strtoul(field.value.c_str(), &end, 8);
    if (field.value.empty() || *end != '\0' || mode > 07777) {
      return Invalid(
          absl::StrCat("invalid value for tmpfs-mode: ", field.value));
    }
    options["Mode"] = mode;
    return absl::OkStatus();
  }
  return Invalid(absl::StrCat("unexpected key '", field.key, "'"));
}

absl::Status ApplyField(const SpecField& field, json::object& mount) {
  const std::string& key = field.key;
  if (key == "type") {
    mount["Type"] = absl::AsciiStrToLower(field.value);
  } else if (key == "source" || key == "src") {
    mount["Source"] = field.value;
  } else if (key == "target" || key == "dst" || key == "destination") {
    mount["Target"] = field.value;
  } else if (key == "readonly" || key == "ro") {
    ASSIGN_OR_RETURN(const bool set, BoolValue(field));
    mount["ReadOnly"] = set;
  } else if (key == "consistency") {
    mount["Consistency"] = field.value;
  } else if (key.compare(0, 5, "bind-") == 0) {
    return ApplyBind(field, mount);
  } else if (key.compare(0, 7, "volume-") == 0) {
    return ApplyVolume(field, mount);
  } else if (key.compare(0, 6, "tmpfs-") == 0) {
    return ApplyTmpfs(field, mount);
  } else if (key == "image-subpath") {
    Section(mount, "ImageOptions")["Subpath"] = field.value;
  } else {
    return Invalid(absl::StrCat("unexpected key '", key, "'"));
  }
  return absl::OkStatus();
}

absl::Status CheckMount(const json::object& mount) {
  const std::string type(mount.at("Type").get_string());
  const struct {
    const char* section;
    const char* type;
    const char* words;
  } kSections[] = {{"BindOptions", "bind", "bind-*"},
                   {"VolumeOptions", "volume", "volume-*"},
                   {"TmpfsOptions", "tmpfs", "tmpfs-*"},
                   {"ImageOptions", "image", "image-*"}};
  for (const auto& section : kSections) {
    if (mount.contains(section.section) && type != section.type) {
      return Invalid(absl::StrCat("cannot mix '", section.words,
                                  "' options with mount type '", type, "'"));
    }
  }
  if (!mount.contains("Target")) return Invalid("target is required");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<SpecField>> SplitSpec(absl::string_view spec) {
  std::vector<std::string> words(1);
  bool quoted = false;
  for (size_t i = 0; i < spec.size(); ++i) {
    if (spec[i] == '"') {
      // A doubled quote inside quotes stands for one.
      if (quoted && i + 1 < spec.size() && spec[i + 1] == '"') {
        words.back() += spec[++i];
      } else {
        quoted = !quoted;
      }
    } else if (spec[i] == ',' && !quoted) {
      words.emplace_back();
    } else {
      words.back() += spec[i];
    }
  }
  if (quoted) return Invalid("unterminated quote");
  std::vector<SpecField> fields;
  for (const std::string& word : words) {
    const size_t equals = word.find('=');
    SpecField field;
    field.key = absl::AsciiStrToLower(word.substr(0, equals));
    field.has_value = equals != std::string::npos;
    if (field.has_value) field.value = word.substr(equals + 1);
    fields.push_back(std::move(field));
  }
  return fields;
}

absl::StatusOr<json::object> ParseMount(absl::string_view spec) {
  const auto fields = SplitSpec(spec);
  const auto prefixed = [spec](const absl::Status& status) {
    return Invalid(absl::StrCat("invalid argument \"", spec,
                                "\" for \"--mount\" flag: ", status.message()));
  };
  if (!fields.ok()) return prefixed(fields.status());
  json::object mount = {{"Type", "volume"}};
  for (const SpecField& field : *fields) {
    const bool alone = field.key == "readonly" || field.key == "ro" ||
                       field.key == "volume-nocopy" ||
                       field.key == "bind-nonrecursive";
    if (!field.has_value && !alone) {
      return prefixed(Invalid(absl::StrCat("invalid field '", field.key,
                                           "' must be a key=value pair")));
    }
    const absl::Status status = ApplyField(field, mount);
    if (!status.ok()) return prefixed(status);
  }
  const absl::Status status = CheckMount(mount);
  if (!status.ok()) return prefixed(status);
  return mount;
}

absl::StatusOr<VolumeSpec> ParseVolume(absl::string_view spec,
                                       const std::string& directory) {
  VolumeSpec parsed;
  const size_t colon = spec.find(':');
  if (spec.empty() || colon == 0) {
    return Invalid(
        absl::StrCat("invalid spec: ", spec, ": empty section between colons"));
  }
  if (colon == absl::string_view::npos) {
    parsed.anonymous = std::string(spec);
    return parsed;
  }
  const std::string source(spec.substr(0, colon));
  if (source[0] != '.') {
    parsed.bind = std::string(spec);
    return parsed;
  }
  const std::filesystem::path absolute =
      (std::filesystem::path(directory) / source).lexically_normal();
  std::string text = absolute.native();
  if (text.size() > 1 && text.back() == '/') text.pop_back();
  parsed.bind = absl::StrCat(text, spec.substr(colon));
  return parsed;
}

}  // namespace tug::cli
