// SPDX-License-Identifier: Apache-2.0
#include "cli/program.h"

#include <ostream>

#include "base/path_text.h"
#include "base/version.h"
#include "cli/raw_arguments.h"
#include "stages/api/config_node.h"

namespace reelmill {
namespace {

std::string long_help(const CommandHelp& help) {
  std::string text = help.details;
  if (!help.examples.empty()) text += text.empty() ? "Examples:" : "\n\nExamples:";
  for (const auto& example : help.examples) text += "\n  " + example;
  return text;
}

std::string unexpected_arguments(const CLI::App& app) {
  std::string text;
  for (const auto* command : app.get_subcommands()) {
    std::vector<std::string> options;
    for (const auto* option : command->get_options())
      for (const auto& name : option->get_lnames()) options.push_back("--" + name);
    for (const auto& argument : command->remaining()) {
      const auto name = argument.substr(0, argument.find('='));
      text += (text.empty() ? "" : "\nreelmill: ") + command->get_name() + " takes no '" +
              path_to_line(argument) + "'" +
              (name.starts_with("--") ? suggestion(name, options) : "");
    }
  }
  return text.empty() ? "unexpected arguments" : text;
}

}  // namespace

Program::Program(std::ostream& out, std::ostream& err)
    : out_(out),
      err_(err),
      app_("A folder of videos through decode, analyze and upload, unattended.", "reelmill") {
  app_.require_subcommand(1);
  app_.get_formatter()->column_width(34);
  app_.set_version_flag("--version", std::string("reelmill ") + kVersion, "print the version");
  app_.set_help_flag("-h,--help", "print this help; `reelmill COMMAND --help` says more");
  app_.footer(
      "Exit codes: 0 all done, 1 failed, 2 usage or configuration, 3 no input matched,\n"
      "4 some videos quarantined or folders unreadable, 5 uploads or model answers pending,\n"
      "6 deadline reached, 130 interrupted.");
  add_shared_flags(app_);
}

void Program::add_shared_flags(CLI::App& app) {
  static const std::map<std::string, LogFormat> kFormats = {{"text", LogFormat::text},
                                                            {"json", LogFormat::json}};
  static const std::map<std::string, spdlog::level::level_enum> kLevels = {
      {"debug", spdlog::level::debug},
      {"info", spdlog::level::info},
      {"warning", spdlog::level::warn},
      {"error", spdlog::level::err}};
  const auto named = [](const auto& names) {
    return CLI::Transformer(names, CLI::ignore_case).description("");
  };
  app.add_option("--log-format", log_format_, "log lines on stderr: text or json")
      ->transform(named(kFormats))
      ->type_name("FORMAT")
      ->group("Logging");
  app.add_option("--log-level", log_level_, "the least that is logged: debug, info, warning, error")
      ->transform(named(kLevels))
      ->type_name("LEVEL")
      ->group("Logging");
}

CLI::App& Program::add_command(const std::string& name, const CommandHelp& help) {
  auto* command = app_.add_subcommand(name, help.summary);
  command->footer(long_help(help));
  command->set_help_flag("-h,--help", "print this help");
  add_shared_flags(*command);
  return *command;
}

void Program::on_run(CLI::App& command, std::function<ExitCode()> action) {
  command.callback([this, action = std::move(action)] { action_ = action; });
}

ExitCode Program::complain(const std::string& message) {
  err_ << "reelmill: " << message << "\nTry 'reelmill --help'.\n";
  return ExitCode::usage;
}

std::optional<ExitCode> Program::parse(std::vector<std::string> arguments) {
  if (arguments.empty()) {
    err_ << app_.help();
    return ExitCode::usage;
  }
  std::vector<std::string> commands;
  for (const auto* command : std::as_const(app_).get_subcommands({}))
    commands.push_back(command->get_name());
  const auto& first = arguments.front();
  if (!first.starts_with('-') &&
      std::find(commands.begin(), commands.end(), first) == commands.end())
    return complain("unknown command '" + path_to_line(first) + "'" + suggestion(first, commands));
  unshield_values(app_);
  auto safe = shield_arguments(arguments);
  std::reverse(safe.begin(), safe.end());  // CLI11 takes them from the back
  try {
    app_.parse(std::move(safe));
  } catch (const CLI::Success& asked_for_text) {
    app_.exit(asked_for_text, out_, err_);
    return ExitCode::done;
  } catch (const CLI::ExtrasError&) {
    return complain(unexpected_arguments(app_));
  } catch (const CLI::ParseError& mistake) {
    return complain(mistake.what());
  }
  return std::nullopt;
}

ExitCode Program::after_writing(ExitCode code) const {
  out_.flush();
  if (out_) return code;
  err_ << "reelmill: the output could not be written\n";
  const bool is_success =
      code == ExitCode::done || code == ExitCode::quarantined || code == ExitCode::uploads_pending;
  return is_success ? ExitCode::failed : code;
}

ExitCode Program::run(std::vector<std::string> arguments) {
  if (const auto ended = parse(std::move(arguments))) return after_writing(*ended);
  configure_logging(log_format_, log_level_);
  try {
    return after_writing(action_());
  } catch (const std::exception& bug) {
    err_ << "reelmill: internal error: " << bug.what() << "\n";
    return ExitCode::failed;
  }
}

}  // namespace reelmill
