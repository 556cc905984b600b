// SPDX-License-Identifier: Apache-2.0
#include "cli/stage_text.h"

#include <cmath>

namespace reelmill {
namespace {

std::string bound_text(const OptionSpec& option, double bound) {
  if (option.type == "duration") return format_duration(Duration(std::llround(bound * 1e9)));
  if (option.type == "size") return format_bytes(static_cast<Bytes>(bound));
  return write_option(bound);
}

std::string_view kind_heading(StageKind kind) {
  switch (kind) {
    case StageKind::source:
      return "Sources: where pictures and sound come from";
    case StageKind::frames:
      return "On frames and sound, while they are decoded";
    case StageKind::video:
      return "On a whole video, after that";
    case StageKind::model:
      return "On sampled frames, by a model server";
    case StageKind::call:
      return "Calls to a service";
  }
  return "";
}

}  // namespace

std::string option_domain(const OptionSpec& option) {
  if (option.type == "choice") return fmt::format("{}", fmt::join(option.choices, " | "));
  if (option.min && option.max)
    return fmt::format("{}, {} to {}", option.type, bound_text(option, *option.min),
                       bound_text(option, *option.max));
  if (option.min)
    return fmt::format("{}, at least {}", option.type, bound_text(option, *option.min));
  if (option.max)
    return fmt::format("{}, at most {}", option.type, bound_text(option, *option.max));
  return option.type;
}

std::string stage_list_text(const std::vector<const StageDefinition*>& stages) {
  std::size_t width = 0;
  for (const auto* stage : stages) width = std::max(width, stage->name.size());
  std::string text;
  for (const auto kind : {StageKind::source, StageKind::frames, StageKind::video, StageKind::model,
                          StageKind::call}) {
    bool has_heading = false;
    for (const auto* stage : stages) {
      if (stage->kind != kind) continue;
      if (!has_heading) text += fmt::format("{}{}\n", text.empty() ? "" : "\n", kind_heading(kind));
      has_heading = true;
      text += fmt::format("  {:<{}}  {}\n", stage->name, width, stage->summary);
    }
  }
  return text + "\n'reelmill stages NAME' shows a stage's options.\n";
}

std::string stage_text(const StageDefinition& stage) {
  auto text = fmt::format("{}  (on: {}, version {})\n{}\n", stage.name, to_string(stage.kind),
                          stage.version, stage.summary);
  if (!stage.needs_findings.empty())
    text += fmt::format("Needs in its 'from:': {}.\n", fmt::join(stage.needs_findings, ", "));
  if (stage.options.empty()) return text + "\nIt has no options.\n";
  text += "\nOptions, under 'with:'\n";
  for (const auto& option : stage.options) {
    text += fmt::format("  {}  ({})\n", option.name, option_domain(option));
    text += fmt::format("      {}\n", option.summary);
    if (option.is_required)
      text += "      required\n";
    else
      text += fmt::format("      default: {}\n",
                          option.default_text.empty() ? "none" : option.default_text);
  }
  return text;
}

Json stages_json(const std::vector<const StageDefinition*>& stages) {
  Json list = Json::array();
  for (const auto* stage : stages) {
    Json options = Json::array();
    for (const auto& option : stage->options) {
      Json one = {{"name", option.name},
                  {"type", option.type},
                  {"default", option.default_text},
                  {"summary", option.summary},
                  {"required", option.is_required}};
      if (option.min) one["min"] = *option.min;
      if (option.max) one["max"] = *option.max;
      if (!option.choices.empty()) one["choices"] = option.choices;
      options.push_back(std::move(one));
    }
    list.push_back({{"name", stage->name},
                    {"version", stage->version},
                    {"kind", to_string(stage->kind)},
                    {"summary", stage->summary},
                    {"needs_findings", stage->needs_findings},
                    {"options", std::move(options)}});
  }
  return list;
}

}  // namespace reelmill
