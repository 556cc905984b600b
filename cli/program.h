// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/log.h"
#include "cli/exit_code.h"

namespace reelmill {

/// What a command's help says beyond its options.
struct CommandHelp {
  std::string summary;                ///< one line, in the list of commands
  std::string details;                ///< a paragraph for someone who meets it the first time
  std::vector<std::string> examples;  ///< complete command lines
};

/// The command line: its commands, the flags that all of them share, and which command was asked
/// for. It knows no command by itself; each adds itself through its `add_NAME(Program&)` in
/// cli/commands.h. Not thread-safe.
class Program {
 public:
  /// Results go to `out`, complaints to `err`; both outlive the program.
  Program(std::ostream& out, std::ostream& err);

  /// A new command; add its options to what is returned, then say what it does with on_run().
  CLI::App& add_command(const std::string& name, const CommandHelp& help);
  void on_run(CLI::App& command, std::function<ExitCode()> action);

  /// Parses, configures logging, and runs the command that was asked for. Arguments arrive at the
  /// command byte for byte; after `--` they are never options. Mistakes are said on `err` with the
  /// nearest valid choice and give ExitCode::usage; an exception that escapes a command gives
  /// ExitCode::failed.
  ExitCode run(std::vector<std::string> arguments);

  /// ExitCode::failed where what was printed could not be written and `code` says nothing worse.
  ExitCode after_writing(ExitCode code) const;

  std::ostream& out() const { return out_; }
  std::ostream& err() const { return err_; }
  LogFormat log_format() const { return log_format_; }

 private:
  void add_shared_flags(CLI::App& app);
  ExitCode complain(const std::string& message);
  std::optional<ExitCode> parse(std::vector<std::string> arguments);

  std::ostream& out_;
  std::ostream& err_;
  CLI::App app_;
  LogFormat log_format_ = LogFormat::text;
  spdlog::level::level_enum log_level_ = spdlog::level::info;
  std::function<ExitCode()> action_;
};

}  // namespace reelmill
