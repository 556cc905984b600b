// SPDX-License-Identifier: Apache-2.0
#include "pipeline/verify.h"

#include <ostream>

#include "base/counted.h"
#include "base/path_text.h"
#include "cli/commands.h"
#include "cli/output_folder.h"
#include "cli/program.h"

namespace reelmill {
namespace {

struct VerifyCommand {
  OutputFolder folder;
  bool is_deep = false;
};

Result<Verification> verify(const VerifyCommand& command) {
  REELMILL_ASSIGN(const auto ledger, read_ledger(command.folder));
  if (const auto process = Ledger::writer_of(command.folder.ledger_folder()))
    return fail(ErrorKind::rejected, "a run (process {}) is using {}: verify when it has ended",
                *process, path_to_line(command.folder.path));
  return verify_output(*ledger, command.folder.path,
                       command.is_deep ? VerifyDepth::content : VerifyDepth::results);
}

}  // namespace

void add_verify(Program& program) {
  auto options = std::make_shared<VerifyCommand>();
  auto& command = program.add_command(
      "verify", {"prove that the output folder and its ledger agree",
                 "Every video ended exactly once, its results are those that were recorded, and\n"
                 "nothing lies there that nobody recorded. Lists every deviation and exits 1 when\n"
                 "there is one. Changes nothing.",
                 {"reelmill verify OUT", "reelmill verify OUT --deep"}});
  add_output_folder(command, options->folder);
  add_state_folder(command, options->folder);
  command.add_flag("--deep", options->is_deep,
                   "also read every artifact, and prove the ledger's own structure");
  program.on_run(command, [options, &out = program.out(), &err = program.err()] {
    const auto found = verify(*options);
    if (!found) return complain(err, found.error());
    for (const auto& note : found->notes) out << "note: " << note << "\n";
    for (const auto& deviation : found->deviations) out << "deviation: " << deviation << "\n";
    out << fmt::format("{}, {}, {}: {}\n", counted(found->videos, "video"),
                       counted(found->results, "results file"),
                       counted(found->artifacts, "artifact"),
                       found->deviations.empty() ? "everything agrees with the ledger"
                                                 : counted(found->deviations.size(), "deviation"));
    return found->deviations.empty() ? ExitCode::done : ExitCode::failed;
  });
}

}  // namespace reelmill
