// SPDX-License-Identifier: Apache-2.0
//
// tug-tree: the one program that reads archives of strangers, one process an
// archive, started by imaged and volumed with these descriptors and without
// any other right:
//
//   tug-tree layer FREE  3: compressed layer in, 4: empty directory,
//                        5: report, 6: hints about the layers below
//   tug-tree copy FREE   3: plain tar in, 4: empty directory, 5: report
//   tug-tree filter      3: compressed stream in, 4: plain stream out,
//                        5: report
//   tug-tree spool       3: compressed tar in, 4: its files out
//                        (spool_format.h), 5: report
//
// FREE: bytes that must stay free on the directory's file system. The report
// is described in report.h.
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "lib/archive/compression.h"
#include "lib/base/status_macros.h"
#include "services/tree/apply/apply_tree.h"
#include "services/tree/apply/end_mark_source.h"
#include "services/tree/apply/read_ahead.h"
#include "services/tree/jail/jail.h"
#include "services/tree/report/report.h"
#include "services/tree/spool/spool_writer.h"

namespace tug::tree {
namespace {

constexpr int kInput = 3;
constexpr int kTarget = 4;
constexpr int kReport = 5;
constexpr int kHints = 6;

absl::StatusOr<std::unique_ptr<archive::Source>> OpenInput() {
  return archive::OpenDecompressed(std::make_unique<archive::FdSource>(kInput),
                                   nullptr);
}

absl::Status UnpackLayer(ReportWriter& report, int64_t least_free) {
  RETURN_IF_ERROR(LockIn(kTarget));
  ASSIGN_OR_RETURN(const BaseHints hints, ReadHints(kHints));
  ASSIGN_OR_RETURN(std::unique_ptr<archive::Source> plain, OpenInput());
  ReadAheadSource source(std::move(plain));
  archive::TarReader reader(source);
  SpaceGuard space(kTarget, least_free);
  TreeApplier applier(kTarget, TreeForm::kLayer, hints, space, report);
  RETURN_IF_ERROR(applier.Apply(reader));
  return report.Add(ReportKind::kDone,
                    absl::StrCat(source.Finish().hex(), " ", applier.bytes()));
}

absl::Status CopyFiles(ReportWriter& report, int64_t least_free) {
  RETURN_IF_ERROR(LockIn(kTarget));
  archive::FdSource input(kInput);
  EndMarkSource source(input);
  archive::TarReader reader(source);
  SpaceGuard space(kTarget, least_free);
  const BaseHints no_hints;
  TreeApplier applier(kTarget, TreeForm::kPlain, no_hints, space, report);
  RETURN_IF_ERROR(applier.Apply(reader));
  if (!source.marked()) {
    return absl::InvalidArgumentError("the archive is cut off");
  }
  return report.Add(ReportKind::kDone, absl::StrCat(applier.bytes()));
}

absl::Status Filter(ReportWriter& report) {
  RETURN_IF_ERROR(LockIn(kNoDirectory));
  ASSIGN_OR_RETURN(const std::unique_ptr<archive::Source> plain, OpenInput());
  archive::FdSink sink(kTarget);
  ASSIGN_OR_RETURN(const int64_t count, archive::Copy(*plain, sink));
  return report.Add(ReportKind::kDone, absl::StrCat(count));
}

absl::Status Spool(ReportWriter& report) {
  RETURN_IF_ERROR(LockIn(kNoDirectory));
  ASSIGN_OR_RETURN(const std::unique_ptr<archive::Source> plain, OpenInput());
  archive::TarReader reader(*plain);
  archive::FdSink sink(kTarget);
  RETURN_IF_ERROR(WriteSpool(reader, sink));
  return report.Add(ReportKind::kDone, "0");
}

absl::Status Work(int argc, char** argv, ReportWriter& report) {
  const std::string verb = argv[1];
  if (verb == "filter" && argc == 2) return Filter(report);
  if (verb == "spool" && argc == 2) return Spool(report);
  int64_t least_free = 0;
  if (argc == 3 && absl::SimpleAtoi(argv[2], &least_free)) {
    if (verb == "layer") return UnpackLayer(report, least_free);
    if (verb == "copy") return CopyFiles(report, least_free);
  }
  return absl::InternalError("unknown verb");
}

// Whether the report, good or bad, has reached the parent.
int Main(int argc, char** argv) {
  signal(SIGPIPE, SIG_IGN);
  archive::FdSink report_sink(kReport);
  ReportWriter report(report_sink);
  absl::Status status = Work(argc, argv, report);
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
}  // namespace tug::tree

int main(int argc, char** argv) {
  if (argc < 2) {
    fputs("tug-tree is started by imaged and volumed, with a verb\n", stderr);
    return 2;
  }
  return tug::tree::Main(argc, argv);
}
