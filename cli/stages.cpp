// SPDX-License-Identifier: Apache-2.0
#include <ostream>

#include "base/path_text.h"
#include "cli/commands.h"
#include "cli/program.h"
#include "cli/stage_text.h"
#include "pipeline/config_schema.h"
#include "pipeline/report_schema.h"
#include "pipeline/results_schema.h"

namespace reelmill {
namespace {

struct StagesOptions {
  std::string name;
  std::string format = "text";
  std::string schema;
};

nlohmann::ordered_json schema_of(const std::string& what) {
  if (what == "results") return results_schema();
  if (what == "report") return report_schema();
  return config_schema(stage_registry());
}

ExitCode show_stages(const StagesOptions& options, std::ostream& out, std::ostream& err) {
  if (!options.schema.empty()) {
    out << schema_of(options.schema).dump(2) << "\n";
    return ExitCode::done;
  }
  auto stages = stage_registry().all();
  if (!options.name.empty()) {
    const auto* stage = stage_registry().find(options.name);
    if (stage == nullptr) {
      std::vector<std::string> names;
      for (const auto* known : stages) names.push_back(known->name);
      err << "reelmill: no stage is called '" << path_to_line(options.name) << "'"
          << suggestion(options.name, names) << "\n";
      return ExitCode::usage;
    }
    stages = {stage};
  }
  if (options.format == "json")
    out << stages_json(stages).dump(2) << "\n";
  else if (options.name.empty())
    out << stage_list_text(stages);
  else
    out << stage_text(*stages.front());
  return ExitCode::done;
}

}  // namespace

void add_stages(Program& program) {
  auto options = std::make_shared<StagesOptions>();
  auto& command = program.add_command(
      "stages", {"what can stand under 'use:' in a configuration, and its options",
                 "Without a name, lists every stage of this program. With a name, shows that\n"
                 "stage's options: their type, range, default, and what they do.",
                 {"reelmill stages", "reelmill stages shots", "reelmill stages --format json",
                  "reelmill stages --schema > config.schema.json"}});
  command.add_option("NAME", options->name, "one stage");
  command.add_option("--format", options->format, "text or json")
      ->check(CLI::IsMember({"text", "json"}).description(""))
      ->type_name("FORMAT");
  command
      .add_option("--schema", options->schema,
                  "print a JSON Schema instead: of config (the YAML), results or report")
      ->expected(0, 1)
      ->default_str("config")
      ->check(CLI::IsMember({"config", "results", "report"}).description(""))
      ->type_name("[WHAT]");
  program.on_run(command, [options, &out = program.out(), &err = program.err()] {
    return show_stages(*options, out, err);
  });
}

}  // namespace reelmill
