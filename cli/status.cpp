// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <ostream>

#include "base/counted.h"
#include "base/path_text.h"
#include "base/units.h"
#include "cli/commands.h"
#include "cli/output_folder.h"
#include "cli/program.h"
#include "stages/api/findings.h"

namespace reelmill {
namespace {

struct StatusOptions {
  OutputFolder folder;
  std::string format = "text";
};

struct Standing {
  std::optional<int> process;
  Ledger::Counts counts;
  std::map<std::string, std::int64_t> quarantine;  ///< by class
};

Result<Standing> read_standing(const OutputFolder& folder) {
  REELMILL_ASSIGN(const auto ledger, read_ledger(folder));
  Standing standing;
  standing.process = Ledger::writer_of(folder.ledger_folder());
  REELMILL_ASSIGN(standing.counts, ledger->counts());
  if (standing.counts.quarantined > 0)
    REELMILL_TRY(ledger->for_each([&](const Ledger::Entry& entry) {
      if (entry.state == VideoState::quarantined) ++standing.quarantine[entry.reason.failure_class];
    }));
  return standing;
}

Json status_json(const OutputFolder& folder, const Standing& standing) {
  const auto& counts = standing.counts;
  Json quarantine = Json::object();
  for (const auto& [name, count] : standing.quarantine) quarantine[valid_utf8(name)] = count;
  return Json{{"output", path_to_text(folder.path)},
              {"process", standing.process ? Json(*standing.process) : Json(nullptr)},
              {"videos", Json{{"done", counts.done},
                              {"uploads_pending", counts.uploads_pending},
                              {"quarantined", counts.quarantined},
                              {"in_flight", counts.in_flight},
                              {"unfinished", counts.unfinished}}},
              {"uploads", Json{{"objects", counts.uploaded_objects},
                               {"bytes", counts.uploaded_bytes},
                               {"pending", counts.pending_objects}}},
              {"quarantine", std::move(quarantine)}};
}

std::string status_text(const OutputFolder& folder, const Standing& standing) {
  const auto& counts = standing.counts;
  auto text = path_to_line(folder.path) + ": " +
              (standing.process ? fmt::format("a run is at work (process {})", *standing.process)
                                : std::string("no run is at work")) +
              "\n";
  text += fmt::format("Videos:     {} done", counts.done);
  if (counts.uploads_pending > 0)
    text += fmt::format(", {} waiting for a service", counts.uploads_pending);
  text += fmt::format(", {} in quarantine", counts.quarantined);
  if (counts.in_flight > 0)
    text += fmt::format(", {} {}", counts.in_flight,
                        standing.process ? "in flight" : "in flight when their run died");
  if (counts.unfinished > 0) text += fmt::format(", {} not finished", counts.unfinished);
  text += "\n";
  if (counts.uploaded_objects > 0)
    text += fmt::format("Uploads:    {} sent ({})\n", counted(counts.uploaded_objects, "file"),
                        approximate_bytes(static_cast<double>(counts.uploaded_bytes)));
  if (counts.pending_objects > 0)
    text += "Waiting:    " +
            counted(counts.pending_objects, "upload or model answer", "uploads or model answers") +
            "\n";
  std::string classes;
  for (const auto& [name, count] : standing.quarantine)
    classes += fmt::format("{}{} {}", classes.empty() ? "" : ", ", count, path_to_line(name));
  if (!classes.empty()) text += "Quarantine: " + classes + "\n";
  if (!standing.process && counts.in_flight + counts.unfinished + counts.pending_objects > 0)
    text += "Run again to finish the rest.\n";
  return text;
}

}  // namespace

void add_status(Program& program) {
  auto options = std::make_shared<StatusOptions>();
  auto& command = program.add_command(
      "status", {"how far the work in an output folder is",
                 "Reads the ledger, also while a run is at work. Exits 0 whatever it finds.",
                 {"reelmill status OUT", "reelmill status OUT --format json"}});
  add_output_folder(command, options->folder);
  add_state_folder(command, options->folder);
  command.add_option("--format", options->format, "text or json")
      ->check(CLI::IsMember({"text", "json"}).description(""))
      ->type_name("FORMAT");
  program.on_run(command, [options, &out = program.out(), &err = program.err()] {
    const auto standing = read_standing(options->folder);
    if (!standing) return complain(err, standing.error());
    if (options->format == "json")
      out << status_json(options->folder, *standing).dump(2) << "\n";
    else
      out << status_text(options->folder, *standing);
    return ExitCode::done;
  });
}

}  // namespace reelmill
