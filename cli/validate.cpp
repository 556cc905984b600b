// SPDX-License-Identifier: Apache-2.0
#include <ostream>

#include "base/path_text.h"
#include "cli/commands.h"
#include "cli/config_option.h"
#include "cli/program.h"

namespace reelmill {
namespace {

std::string stage_line(const StageSpec& stage) {
  auto text = fmt::format("  {:<12} {:<12}", stage.id, stage.use);
  if (!stage.from.empty()) text += fmt::format(" from {}", fmt::join(stage.from, ", "));
  if (!stage.guard.empty()) text += fmt::format(", guard {}", stage.guard);
  if (stage.has_batch)
    text += fmt::format(", batches {} of {}", to_string(stage.batch.strategy),
                        stage.batch.initial_batch_size);
  text.erase(text.find_last_not_of(' ') + 1);
  return text + "\n";
}

ExitCode validate_config(const std::string& file, std::ostream& out, std::ostream& err) {
  const auto spec = load_or_complain(file, {}, err);
  if (!spec) return ExitCode::usage;
  out << path_to_line(file) << ": ok, '" << path_to_line(spec->name) << "' with "
      << spec->stages.size() << " stages\n";
  for (const auto& stage : spec->stages) out << stage_line(stage);
  return ExitCode::done;
}

}  // namespace

void add_validate(Program& program) {
  auto file = std::make_shared<std::string>();
  auto& command = program.add_command(
      "validate",
      {"every problem of a configuration, with its line",
       "Reads the whole file and says everything that is wrong with it at once, with the\n"
       "nearest valid choice; loads the plugins it names. Ends with 0 when a run could\n"
       "start, otherwise with 2. Nothing is written.",
       {"reelmill validate configs/archive.yaml"}});
  command.add_option("CONFIG", *file, "a YAML file")->required();
  program.on_run(command, [file, &out = program.out(), &err = program.err()] {
    return validate_config(*file, out, err);
  });
}

}  // namespace reelmill
