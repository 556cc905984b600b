// SPDX-License-Identifier: Apache-2.0
#include "pipeline/run.h"

#include <atomic>
#include <cstdlib>
#include <optional>
#include <ostream>

#include <unistd.h>

#include "base/path_text.h"
#include "cli/background.h"
#include "cli/commands.h"
#include "cli/config_option.h"
#include "cli/input_options.h"
#include "cli/plan_text.h"
#include "cli/program.h"
#include "cli/stop_signals.h"
#include "pipeline/output_paths.h"

namespace reelmill {
namespace {

struct RunCommand {
  InputOptions input;
  std::string config, output, state, deadline, split = "auto", segment_length, progress = "auto";
  int workers = 0;
  std::int64_t limit = 0;
  bool is_background = false, is_dry_run = false;
};

ExitCode exit_code_of(const RunResult& result) {
  switch (result.end) {
    case RunEnd::done:
      return ExitCode::done;
    case RunEnd::quarantined:
      return ExitCode::quarantined;
    case RunEnd::uploads_pending:
      return ExitCode::uploads_pending;
    case RunEnd::deadline:
      return ExitCode::deadline;
    case RunEnd::interrupted:
      return ExitCode::interrupted;
    case RunEnd::failed:
      return ExitCode::failed;
  }
  return ExitCode::failed;
}

ExitCode exit_code_of(const Error& error) {
  const bool is_usage =
      error.kind == ErrorKind::invalid_input || error.kind == ErrorKind::not_found;
  return is_usage ? ExitCode::usage : ExitCode::failed;
}

ProgressStyle progress_style(const std::string& text) {
  if (text == "none") return ProgressStyle::none;
  if (text == "bar") return ProgressStyle::bar;
  if (text == "lines") return ProgressStyle::lines;
  return ::isatty(STDERR_FILENO) != 0 ? ProgressStyle::bar : ProgressStyle::lines;
}

Result<RunOptions> run_options(const RunCommand& command) {
  RunOptions options;
  REELMILL_ASSIGN(options.source, source_options(command.input));
  options.output = command.output;
  options.state = command.state;
  options.workers = command.workers;
  options.limit = command.limit;
  options.split = command.split == "always"  ? SplitMode::always
                  : command.split == "never" ? SplitMode::never
                                             : SplitMode::automatic;
  if (!command.segment_length.empty()) {
    REELMILL_ASSIGN(options.segment_length, parse_duration(command.segment_length));
  }
  if (!command.deadline.empty()) {
    REELMILL_ASSIGN(options.deadline, parse_deadline(command.deadline, system_clock()));
  }
  return options;
}

ExitCode complain(const Program& program, const Error& error) {
  program.err() << "reelmill: " << error.message << "\n";
  return exit_code_of(error);
}

ExitCode run_videos(const RunCommand& command, const Program& program) {
  auto options = run_options(command);
  if (!options) return complain(program, options.error());
  const auto spec =
      load_or_complain(command.config, absolute_folder(command.output), program.err());
  if (!spec) return ExitCode::usage;
  if (command.is_dry_run) return show_plan(*spec, *options, program);
  if (command.is_background) work_in_background();

  std::atomic<Run*> current = nullptr;
  std::optional<Run> run;  // ends after the watch for signals, which may be about to interrupt it
  // Before any thread starts: the signals are blocked in all of them.
  StopSignals signals([&current] {
    Run* working = current;
    // Before anything is in flight there is nothing to finish.
    if (working == nullptr) std::_Exit(static_cast<int>(ExitCode::interrupted));
    working->interrupt();
  });
  run.emplace(*spec, *options, progress_style(command.progress), system_clock());
  if (auto prepared = run->prepare(); !prepared) return complain(program, prepared.error());
  if (run->found() == 0) {
    program.err() << "reelmill: no video matched the input" << run->why_nothing_was_found() << "\n";
    return ExitCode::no_input;
  }
  current = &*run;
  const auto result = run->execute();
  if (result) program.out() << to_text(result->report) << std::flush;
  const auto code = result ? exit_code_of(*result) : complain(program, result.error());
  // Threads that are stuck inside a call can never be joined.
  if (run->has_stuck_threads()) std::_Exit(static_cast<int>(program.after_writing(code)));
  return code;
}

}  // namespace

void add_run(Program& program) {
  auto run = std::make_shared<RunCommand>();
  auto& command = program.add_command(
      "run",
      {"take videos through decode, analyze and upload",
       "Results, artifacts, the ledger and the report go to OUT. Run the same command again at\n"
       "any time: what the ledger says is done is skipped, what changed is done again.",
       {"reelmill run videos/ -c configs/archive.yaml -o out/",
        "reelmill run /archive --include '**/*.mxf' -c configs/archive.yaml -o out/ --deadline "
        "07:00",
        "find . -name '*.mov' -print0 | reelmill run --files-from - -c configs/quick.yaml -o "
        "out/"}});
  add_input_options(command, run->input);
  command.add_option("-c,--config", run->config, "the YAML that says what to do")
      ->required()
      ->type_name("CONFIG");
  command.add_option("-o,--output", run->output, "folder for results; made when missing")
      ->required()
      ->type_name("OUT");
  command.add_option("--state", run->state,
                     "local folder for the ledger, where OUT is on a network filesystem");
  command.add_option("--workers", run->workers, "videos decoded at once; 0 = one a core")
      ->check(CLI::Range(0, 1024));
  command.add_option("--limit", run->limit, "process at most so many videos; 0 = all")
      ->check(CLI::NonNegativeNumber);
  command.add_option("--deadline", run->deadline, "stop then, resumable: 8h from now, or at 07:00");
  command
      .add_option("--split", run->split,
                  "cut long videos into segments: auto (when workers would be idle), always, "
                  "never; results are the same")
      ->check(CLI::IsMember({"auto", "always", "never"}).description(""))
      ->type_name("WHEN");
  command.add_option("--segment-length", run->segment_length,
                     "instead of the configuration's, as in 10s");
  command
      .add_option("--progress", run->progress,
                  "bar, lines (one a minute), none; auto is a bar on a terminal")
      ->check(CLI::IsMember({"auto", "bar", "lines", "none"}).description(""))
      ->type_name("STYLE");
  command.add_flag("--background", run->is_background, "lowest CPU and I/O priority");
  command.add_flag("--dry-run", run->is_dry_run,
                   "show what would happen and write nothing, as `reelmill plan` does");
  program.on_run(command, [run, &program] { return run_videos(*run, program); });
}

}  // namespace reelmill
