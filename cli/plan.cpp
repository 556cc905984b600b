// SPDX-License-Identifier: Apache-2.0
#include "pipeline/plan.h"

#include <ostream>

#include "base/cores.h"
#include "base/counted.h"
#include "base/path_text.h"
#include "base/units.h"
#include "cli/commands.h"
#include "cli/config_option.h"
#include "cli/input_options.h"
#include "cli/plan_text.h"
#include "cli/program.h"
#include "pipeline/graph_plan.h"
#include "pipeline/output_paths.h"

namespace reelmill {
namespace {

struct PlanCommand {
  InputOptions input;
  std::string config, output = "out", state;
  std::int64_t limit = 0;
  bool is_graph = false;
};

void show_row(const PlannedRow& row, std::ostream& out) {
  out << path_to_line(row.file.key) << "\n    " << to_string(row.decision);
  if (!row.failure.empty()) {
    out << "; would end in quarantine: " << row.failure << "\n";
    return;
  }
  if (!row.video.empty()) out << "  " << row.video;
  if (!row.audio.empty()) out << "  " << row.audio;
  if (row.duration_s > 0) out << "  " << approximate_duration(row.duration_s);
  if (row.decoding == Decoding::none) out << "  from its timeline, not decoded again";
  if (row.decoding == Decoding::sound) out << "  from its timeline, only the sound decoded again";
  if (row.reading != Reading::in_full) out << "  read by " << to_string(row.reading);
  if (!row.why_in_full.empty()) out << "  read in full: " << row.why_in_full;
  if (row.work_s > 0) out << "  about " << approximate_duration(row.work_s) << " of work";
  if (row.segments > 1) out << "  in " << row.segments << " segments";
  out << "  " << approximate_bytes(static_cast<double>(row.file.bytes)) << "\n";
}

ExitCode run_plan(const PlanCommand& command, const Program& program) {
  const auto output = absolute_folder(command.output);
  const auto spec = load_or_complain(command.config, output, program.err());
  if (!spec) return ExitCode::usage;
  if (command.is_graph) program.out() << to_text(make_graph_plan(*spec, usable_cores()));
  if (command.is_graph && command.input.inputs.empty() && command.input.files_from.empty())
    return ExitCode::done;
  auto source = source_options(command.input);
  if (!source) {
    program.err() << "reelmill: " << source.error().message << "\n";
    return ExitCode::usage;
  }
  RunOptions options;
  options.source = std::move(*source);
  options.output = output;
  options.state = command.state;
  options.limit = command.limit;
  return show_plan(*spec, options, program);
}

}  // namespace

ExitCode show_plan(const PipelineSpec& spec, const RunOptions& options, const Program& program) {
  std::ostream& out = program.out();
  const auto summary = plan_run(spec, options, [&](const PlannedRow& row) { show_row(row, out); });
  if (!summary) {
    program.err() << "reelmill: " << summary.error().message << "\n";
    return ExitCode::usage;
  }
  if (summary->beyond_limit > 0)
    out << fmt::format("note: {} more would be left for later runs by --limit\n",
                       summary->beyond_limit);
  for (const auto& note : summary->notes) out << "note: " << note << "\n";
  out << fmt::format(
      "{} found: {} to process ({} of video, {}), {} to skip, {} that cannot be read\n",
      counted(summary->found, "video"), summary->to_process, approximate_duration(summary->media_s),
      approximate_bytes(static_cast<double>(summary->input_bytes)), summary->to_skip,
      summary->failing);
  out << fmt::format("about {} of work, {} on {}\n", approximate_duration(summary->work_s),
                     approximate_duration(summary->wall_s), counted(summary->cores, "core"));
  out << fmt::format("disk needed about {}, free {}\n",
                     approximate_bytes(static_cast<double>(summary->disk_bytes)),
                     approximate_bytes(static_cast<double>(summary->disk_free)));
  if (summary->disk_bytes > summary->disk_free) out << "note: that is more than is free\n";
  return summary->found == 0 ? ExitCode::no_input : ExitCode::done;
}

void add_plan(Program& program) {
  auto plan = std::make_shared<PlanCommand>();
  auto& command = program.add_command(
      "plan", {"what a run would do and how long it would take",
               "Shows for every video whether it would be processed and why not, what it holds, "
               "how it would\n"
               "be read or that a stored timeline suffices, about how long that takes, and how "
               "much disk the\n"
               "results need. Writes nothing. --graph shows the flow graph of a configuration.",
               {"reelmill plan videos/ -c configs/archive.yaml -o out/",
                "reelmill plan -c configs/archive.yaml --graph"}});
  add_input_options(command, plan->input);
  command.add_option("-c,--config", plan->config, "the YAML that says what to do")
      ->required()
      ->type_name("CONFIG");
  command.add_option("-o,--output", plan->output, "the folder that the run would use")
      ->type_name("OUT");
  command
      .add_option("--state", plan->state,
                  "where the ledger is, when 'run' is told to keep it elsewhere")
      ->type_name("DIR");
  command.add_option("--limit", plan->limit, "process at most so many videos; 0 = all")
      ->check(CLI::NonNegativeNumber);
  command.add_flag("--graph", plan->is_graph, "show the flow graph's nodes and edges");
  program.on_run(command, [plan, &program] { return run_plan(*plan, program); });
}

}  // namespace reelmill
