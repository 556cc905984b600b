// SPDX-License-Identifier: Apache-2.0
#include "cli/output_folder.h"

#include <ostream>
#include <system_error>

#include "base/io_error.h"
#include "base/path_text.h"
#include "pipeline/state_place.h"

namespace reelmill {
namespace {

Status check_ledger(const OutputFolder& folder) {
  REELMILL_TRY(check_output_folder(folder));
  REELMILL_TRY(check_state_place(folder.path, folder.state));
  std::error_code error;
  const auto file = folder.ledger_folder() / "ledger.sqlite";
  if (!std::filesystem::exists(file, error))
    return fail(ErrorKind::invalid_input,
                "{} is no output folder of reelmill: there is no {} (a ledger that was put "
                "elsewhere is named with --state DIR)",
                path_to_line(folder.path), path_to_line(file.native()));
  return {};
}

}  // namespace

void add_output_folder(CLI::App& command, OutputFolder& folder) {
  command.add_option("OUT", folder.path, "the folder given to 'run' with -o")
      ->required()
      ->type_name("");
}

void add_state_folder(CLI::App& command, OutputFolder& folder) {
  command
      .add_option("--state", folder.state,
                  "where the ledger is, when 'run' was told to keep it elsewhere")
      ->type_name("DIR");
}

Status check_output_folder(const OutputFolder& folder) {
  std::error_code error;
  const auto status = std::filesystem::status(folder.path, error);
  const auto name = path_to_line(folder.path);
  if (status.type() == std::filesystem::file_type::not_found)
    return fail(ErrorKind::invalid_input, "there is no folder {}", name);
  if (error) return fail(io_error("look at", folder.path, error.value()));
  if (!std::filesystem::is_directory(status))
    return fail(ErrorKind::invalid_input, "{} is a file, not an output folder", name);
  return {};
}

Result<std::unique_ptr<Ledger>> read_ledger(const OutputFolder& folder) {
  REELMILL_TRY(check_ledger(folder));
  return Ledger::open_read_only(folder.ledger_folder());
}

Result<std::unique_ptr<Ledger>> write_ledger(const OutputFolder& folder) {
  REELMILL_TRY(check_ledger(folder));
  return Ledger::open(folder.ledger_folder());
}

ExitCode complain(std::ostream& err, const Error& error) {
  err << "reelmill: " << error.message << "\n";
  return error.kind == ErrorKind::invalid_input ? ExitCode::usage : ExitCode::failed;
}

}  // namespace reelmill
