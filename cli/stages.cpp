// SPDX-License-Identifier: Apache-2.0
#include <ostream>

#include "cli/commands.h"
#include "cli/program.h"
#include "cli/stage_text.h"

namespace reelmill {
namespace {

struct StagesOptions {
  std::string name;
  std::string format = "text";
};

ExitCode show_stages(const StagesOptions& options, std::ostream& out, std::ostream& err) {
  auto stages = stage_registry().all();
  if (!options.name.empty()) {
    std::vector<std::string> names;
    for (const auto* stage : stages) names.push_back(stage->name);
    const auto* stage = stage_registry().find(options.name);
    if (stage == nullptr) {
      const auto near = nearest(options.name, names);
      err << "reelmill: no stage is called '" << options.name << "'"
          << (near.empty() ? "" : "; did you mean '" + near + "'?") << "\n";
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
                 {"reelmill stages", "reelmill stages shots", "reelmill stages --format json"}});
  command.add_option("NAME", options->name, "one stage");
  command.add_option("--format", options->format, "text or json")
      ->check(CLI::IsMember({"text", "json"}).description(""))
      ->type_name("FORMAT");
  program.on_run(command, [options, &out = program.out(), &err = program.err()] {
    return show_stages(*options, out, err);
  });
}

}  // namespace reelmill
