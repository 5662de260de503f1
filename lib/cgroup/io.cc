// SPDX-License-Identifier: Apache-2.0
#include "lib/cgroup/io.h"

#include <fcntl.h>
#include <unistd.h>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/status_macros.h"
#include "lib/cgroup/control_file.h"

namespace tug::cgroup {
namespace {

absl::Status WriteEachV1(int directory, const char* file,
                         const std::vector<DeviceValue>& values) {
  for (const DeviceValue& v : values) {
    RETURN_IF_ERROR(WriteControl(
        directory, file, absl::StrCat(v.major, ":", v.minor, " ", v.value)));
  }
  return absl::OkStatus();
}

absl::Status WriteEachV2(int directory, const char* key,
                         const std::vector<DeviceValue>& values) {
  for (const DeviceValue& v : values) {
    const std::string amount = v.value == 0 ? "max" : absl::StrCat(v.value);
    RETURN_IF_ERROR(WriteControl(
        directory, "io.max",
        absl::StrCat(v.major, ":", v.minor, " ", key, "=", amount)));
  }
  return absl::OkStatus();
}

// The weight file depends on the scheduler: CFQ had its own, BFQ has another.
const char* WeightFileV1(int directory) {
  const char* const kBfq = "blkio.bfq.weight";
  return faccessat(directory, kBfq, W_OK, 0) == 0 ? kBfq : "blkio.weight";
}

bool ParseDevice(absl::string_view text, IoBytes& bytes) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, ':');
  return parts.size() == 2 && absl::SimpleAtoi(parts[0], &bytes.major) &&
         absl::SimpleAtoi(parts[1], &bytes.minor);
}

}  // namespace

uint64_t IoWeightOfBlkio(uint64_t weight) {
  return weight == 0 ? 0 : 1 + (weight - 10) * 9999 / 990;
}

absl::Status ApplyIoV1(int directory, const Resources& r) {
  if (r.io_weight != 0) {
    RETURN_IF_ERROR(
        WriteControl(directory, WeightFileV1(directory), r.io_weight));
  }
  RETURN_IF_ERROR(
      WriteEachV1(directory, "blkio.weight_device", r.io_weight_devices));
  RETURN_IF_ERROR(
      WriteEachV1(directory, "blkio.throttle.read_bps_device", r.io_read_bps));
  RETURN_IF_ERROR(WriteEachV1(directory, "blkio.throttle.write_bps_device",
                              r.io_write_bps));
  RETURN_IF_ERROR(WriteEachV1(directory, "blkio.throttle.read_iops_device",
                              r.io_read_iops));
  return WriteEachV1(directory, "blkio.throttle.write_iops_device",
                     r.io_write_iops);
}

absl::Status ApplyIoV2(int directory, const Resources& r) {
  if (r.io_weight != 0) {
    RETURN_IF_ERROR(
        WriteControl(directory, "io.weight",
                     absl::StrCat("default ", IoWeightOfBlkio(r.io_weight))));
  }
  for (const DeviceValue& v : r.io_weight_devices) {
    RETURN_IF_ERROR(WriteControl(
        directory, "io.weight",
        absl::StrCat(v.major, ":", v.minor, " ", IoWeightOfBlkio(v.value))));
  }
  RETURN_IF_ERROR(WriteEachV2(directory, "rbps", r.io_read_bps));
  RETURN_IF_ERROR(WriteEachV2(directory, "wbps", r.io_write_bps));
  RETURN_IF_ERROR(WriteEachV2(directory, "riops", r.io_read_iops));
  return WriteEachV2(directory, "wiops", r.io_write_iops);
}

void ReadIoV1(int directory, Stats& stats) {
  const auto text =
      ReadControl(directory, "blkio.throttle.io_service_bytes_recursive");
  if (!text.ok()) return;
  for (absl::string_view line :
       absl::StrSplit(*text, '\n', absl::SkipEmpty())) {
    const std::vector<std::string> words = absl::StrSplit(line, ' ');
    if (words.size() != 3) continue;
    IoBytes bytes;
    bytes.direction = absl::AsciiStrToLower(words[1]);
    if (bytes.direction != "read" && bytes.direction != "write") continue;
    if (!ParseDevice(words[0], bytes)) continue;
    if (absl::SimpleAtoi(words[2], &bytes.bytes)) {
      stats.io.push_back(std::move(bytes));
    }
  }
}

void ReadIoV2(int directory, Stats& stats) {
  const auto text = ReadControl(directory, "io.stat");
  if (!text.ok()) return;
  for (absl::string_view line :
       absl::StrSplit(*text, '\n', absl::SkipEmpty())) {
    const std::vector<absl::string_view> words = absl::StrSplit(line, ' ');
    IoBytes bytes;
    if (!ParseDevice(words[0], bytes)) continue;
    for (size_t i = 1; i < words.size(); ++i) {
      const std::pair<absl::string_view, absl::string_view> pair =
          absl::StrSplit(words[i], absl::MaxSplits('=', 1));
      if (pair.first != "rbytes" && pair.first != "wbytes") continue;
      if (!absl::SimpleAtoi(pair.second, &bytes.bytes)) continue;
      bytes.direction = pair.first == "rbytes" ? "read" : "write";
      stats.io.push_back(bytes);
    }
  }
}

}  // namespace tug::cgroup
