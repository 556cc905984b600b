// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <iosfwd>
#include <string>

#include <CLI/CLI.hpp>

#include "base/error.h"
#include "cli/exit_code.h"
#include "pipeline/ledger.h"

namespace reelmill {

/// The OUT of a command that looks at what earlier runs left, and where its ledger is.
struct OutputFolder {
  std::string path;
  std::string state;  ///< folder of the ledger; empty: OUT itself

  std::filesystem::path ledger_folder() const { return state.empty() ? path : state; }
};

/// Adds `OUT`.
void add_output_folder(CLI::App& command, OutputFolder& folder);
/// Adds `--state DIR`.
void add_state_folder(CLI::App& command, OutputFolder& folder);

/// Whether OUT is a folder at all. Errors: invalid_input.
Status check_output_folder(const OutputFolder& folder);

/// Opens the ledger of earlier runs; never makes one. Errors: invalid_input where OUT is missing,
/// no folder, or no output folder of ours (the text says which), and as Ledger::open.
Result<std::unique_ptr<Ledger>> read_ledger(const OutputFolder& folder);
Result<std::unique_ptr<Ledger>> write_ledger(const OutputFolder& folder);

/// Says the error; usage for a wrong OUT, failed for everything else.
ExitCode complain(std::ostream& err, const Error& error);

}  // namespace reelmill
