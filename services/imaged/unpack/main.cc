// SPDX-License-Identifier: Apache-2.0
//
// tug-unpack: what touches hostile archives for imaged, one process a stream,
// started with these descriptors and without any other right:
//
//   tug-unpack layer    3: compressed layer in, 4: empty directory, 5: report,
//                       6: hints about the layers below (base_hint.h)
//   tug-unpack filter   3: compressed stream in, 4: plain stream out, 5: report
//
// The report is described in report.h.
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "lib/archive/compression.h"
#include "lib/base/status_macros.h"
#include "services/imaged/unpack/apply_layer.h"
#include "services/imaged/unpack/confine.h"
#include "services/imaged/unpack/read_ahead.h"
#include "services/imaged/unpack/report.h"

namespace tug::imaged {
namespace {

constexpr int kInput = 3;
constexpr int kTarget = 4;
constexpr int kReport = 5;
constexpr int kHints = 6;

absl::Status UnpackLayer(ReportWriter& report) {
  RETURN_IF_ERROR(ConfineForLayer(kTarget));
  ASSIGN_OR_RETURN(const BaseHints hints, ReadHints(kHints));
  ASSIGN_OR_RETURN(std::unique_ptr<archive::Source> plain,
                   archive::OpenDecompressed(
                       std::make_unique<archive::FdSource>(kInput), nullptr));
  ReadAheadSource source(std::move(plain));
  archive::TarReader reader(source);
  LayerApplier applier(kTarget, hints, report);
  RETURN_IF_ERROR(applier.Apply(reader));
  return report.Add(ReportKind::kDone,
                    absl::StrCat(source.Finish().hex(), " ", applier.bytes()));
}

absl::Status Filter(ReportWriter& report) {
  RETURN_IF_ERROR(ConfineForFilter());
  ASSIGN_OR_RETURN(const std::unique_ptr<archive::Source> plain,
                   archive::OpenDecompressed(
                       std::make_unique<archive::FdSource>(kInput), nullptr));
  archive::FdSink sink(kTarget);
  ASSIGN_OR_RETURN(const int64_t count, archive::Copy(*plain, sink));
  return report.Add(ReportKind::kDone, absl::StrCat(count));
}

// Whether the report, good or bad, has reached the parent.
int Main(const char* mode) {
  signal(SIGPIPE, SIG_IGN);
  archive::FdSink report_sink(kReport);
  ReportWriter report(report_sink);
  absl::Status status = strcmp(mode, "layer") == 0 ? UnpackLayer(report)
                        : strcmp(mode, "filter") == 0
                            ? Filter(report)
                            : absl::InternalError("unknown mode");
  if (!status.ok()) {
    const std::string text =
        absl::StrCat(status.raw_code(), " ", status.message());
    status = report.Add(ReportKind::kError, text.substr(0, kMaxReportText));
  }
  if (status.ok()) status = report.Flush();
  // The input may still have bytes and a thread that waits for them.
  _exit(status.ok() ? 0 : 1);
}

}  // namespace
}  // namespace tug::imaged

int main(int argc, char** argv) {
  if (argc != 2) {
    fputs("tug-unpack is started by imaged, with one mode\n", stderr);
    return 2;
  }
  return tug::imaged::Main(argv[1]);
}
