// SPDX-License-Identifier: Apache-2.0
#include "pipeline/report.h"

#include <ostream>

#include "base/path_text.h"
#include "base/read_file.h"
#include "cli/commands.h"
#include "cli/output_folder.h"
#include "cli/program.h"

namespace reelmill {
namespace {

struct ReportCommand {
  OutputFolder folder;
  std::string format = "text";
};

Result<std::string> read_report(const OutputFolder& folder) {
  REELMILL_TRY(check_output_folder(folder));
  const auto file = std::filesystem::path(folder.path) / "report.json";
  auto text = read_whole_file(file);
  if (!text && text.error().kind == ErrorKind::not_found)
    return fail(ErrorKind::not_found,
                "{} has no report yet: a run writes it when it ends ('reelmill status' tells how "
                "far it is)",
                path_to_line(folder.path));
  return text;
}

Result<std::string> show_report(const ReportCommand& command) {
  REELMILL_ASSIGN(const auto text, read_report(command.folder));
  auto report = report_from_json(nlohmann::ordered_json::parse(text, nullptr, false));
  if (!report)
    return fail(ErrorKind::internal, "{}/report.json is damaged, or of another version of reelmill",
                path_to_line(command.folder.path));
  if (command.format == "json") return text;
  report->run.output = command.folder.path;  // it may have been moved since
  return to_text(*report);
}

}  // namespace

void add_report(Program& program) {
  auto options = std::make_shared<ReportCommand>();
  auto& command =
      program.add_command("report", {"show the report of the last run that ended",
                                     "How fast it was, what held it back, what failed and why.",
                                     {"reelmill report OUT", "reelmill report OUT --format json"}});
  add_output_folder(command, options->folder);
  command.add_option("--format", options->format, "text or json")
      ->check(CLI::IsMember({"text", "json"}).description(""))
      ->type_name("FORMAT");
  program.on_run(command, [options, &out = program.out(), &err = program.err()] {
    const auto text = show_report(*options);
    if (!text) return complain(err, text.error());
    out << *text;
    return ExitCode::done;
  });
}

}  // namespace reelmill
