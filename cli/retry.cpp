// SPDX-License-Identifier: Apache-2.0
#include <ostream>
#include <set>

#include "base/counted.h"
#include "base/path_text.h"
#include "cli/commands.h"
#include "cli/output_folder.h"
#include "cli/program.h"
#include "pipeline/quarantine_file.h"
#include "stages/api/config_node.h"

namespace reelmill {
namespace {

struct RetryCommand {
  OutputFolder folder;
  std::string failure_class;
};

Result<std::set<std::string>> classes_in_quarantine(const Ledger& ledger) {
  std::set<std::string> classes;
  REELMILL_TRY(ledger.for_each([&](const Ledger::Entry& entry) {
    if (entry.state == VideoState::quarantined) classes.insert(entry.reason.failure_class);
  }));
  return classes;
}

Error unknown_class(const std::string& name, const std::set<std::string>& classes) {
  const std::vector<std::string> names(classes.begin(), classes.end());
  const auto near = nearest(name, names);
  return {ErrorKind::invalid_input,
          fmt::format("no video is in quarantine as '{}'; {}", path_to_line(name),
                      near.empty() ? fmt::format("there are: {}", fmt::join(names, ", "))
                                   : fmt::format("did you mean '{}'?", near))};
}

Result<std::int64_t> retry(const RetryCommand& command) {
  REELMILL_ASSIGN(const auto ledger, write_ledger(command.folder));
  REELMILL_ASSIGN(const auto classes, classes_in_quarantine(*ledger));
  if (!command.failure_class.empty() && !classes.empty() &&
      !classes.contains(command.failure_class))
    return fail(unknown_class(command.failure_class, classes));
  REELMILL_ASSIGN(const auto count, ledger->forget_quarantined(command.failure_class));
  if (count > 0)
    REELMILL_TRY(write_quarantine_file(
        *ledger, std::filesystem::path(command.folder.path) / "quarantine.jsonl"));
  return count;
}

}  // namespace

void add_retry(Program& program) {
  auto options = std::make_shared<RetryCommand>();
  auto& command = program.add_command(
      "retry", {"take videos out of quarantine, so that the next run does them again",
                "Does no work itself. Where only an upload was refused, the next run sends the\n"
                "files again and does not decode. Refused while a run is at work.",
                {"reelmill retry OUT", "reelmill retry OUT --class stalled"}});
  add_output_folder(command, options->folder);
  add_state_folder(command, options->folder);
  command
      .add_option("--class", options->failure_class,
                  "only videos that failed so; 'reelmill status OUT' lists the classes")
      ->type_name("CLASS");
  program.on_run(command, [options, &out = program.out(), &err = program.err()] {
    const auto count = retry(*options);
    if (!count) return complain(err, count.error());
    if (*count == 0)
      out << "no video is in quarantine\n";
    else
      out << counted(*count, "video") << " will be done again by the next run\n";
    return ExitCode::done;
  });
}

}  // namespace reelmill
