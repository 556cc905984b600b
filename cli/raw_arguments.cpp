// SPDX-License-Identifier: Apache-2.0
#include "cli/raw_arguments.h"

namespace reelmill {
namespace {

constexpr char kShield = '\x01';

bool needs_shield(std::string_view text) {
  if (text.empty()) return false;
  return text.front() == kShield || (text.front() == '[' && text.back() == ']') || text == "++";
}

std::string shielded(std::string_view text) {
  return kShield + std::string(text);
}

}  // namespace

std::vector<std::string> shield_arguments(const std::vector<std::string>& arguments) {
  std::vector<std::string> safe;
  bool options_are_over = false;
  for (const std::string_view argument : arguments) {
    const auto equals = argument.find('=');
    if (!options_are_over && argument == "--") {
      options_are_over = true;
    } else if (options_are_over || needs_shield(argument)) {
      safe.push_back(shielded(argument));
    } else if (argument.starts_with("--") && equals != std::string_view::npos &&
               needs_shield(argument.substr(equals + 1))) {
      safe.push_back(std::string(argument.substr(0, equals + 1)) +
                     shielded(argument.substr(equals + 1)));
    } else {
      safe.emplace_back(argument);
    }
  }
  return safe;
}

void unshield_values(CLI::App& app) {
  for (auto* option : app.get_options())
    if (option->get_items_expected_max() > 0)
      option->transform(
          [](const std::string& text) { return text.substr(text.starts_with(kShield) ? 1 : 0); });
  for (auto* command : app.get_subcommands({})) unshield_values(*command);
}

}  // namespace reelmill
