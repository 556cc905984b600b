// SPDX-License-Identifier: Apache-2.0
#include "stages/api/findings.h"

#include <algorithm>

namespace reelmill {
namespace {

Shot shot_from_json(const Json& json) {
  Shot shot;
  shot.start_frame = json.at("start_frame").get<std::int64_t>();
  shot.end_frame = json.at("end_frame").get<std::int64_t>();
  shot.start_s = json.at("start_s").get<double>();
  shot.end_s = json.at("end_s").get<double>();
  const auto name = json.at("transition_in").get<std::string>();
  for (const auto transition :
       {Transition::cut, Transition::fade, Transition::dissolve, Transition::wipe})
    if (name == to_string(transition)) shot.transition_in = transition;
  shot.transition_start_frame = json.value("transition_start_frame", shot.start_frame);
  shot.transition_end_frame = json.value("transition_end_frame", shot.start_frame);
  shot.transition_start_s = json.value("transition_start_s", shot.start_s);
  shot.transition_end_s = json.value("transition_end_s", shot.start_s);
  return shot;
}

}  // namespace

void Findings::set(std::string name, Json value) {
  const auto same = std::find_if(values_.begin(), values_.end(),
                                 [&](const auto& entry) { return entry.first == name; });
  if (same != values_.end())
    same->second = std::move(value);
  else
    values_.emplace_back(std::move(name), std::move(value));
}

void Findings::set_shots(std::vector<Shot> shots) {
  Json list = Json::array();
  for (const auto& shot : shots) list.push_back(to_json(shot));
  set("shots", std::move(list));
  shots_ = std::move(shots);
}

void Findings::set_intervals(std::string name, const std::vector<Interval>& intervals) {
  Json list = Json::array();
  for (const auto& interval : intervals) list.push_back(to_json(interval));
  set(std::move(name), std::move(list));
}

void Findings::warn(std::string message, std::optional<std::int64_t> frame) {
  warnings_.push_back({std::move(message), frame});
}

const Json* Findings::find(std::string_view name) const {
  for (const auto& [key, value] : values_)
    if (key == name) return &value;
  return nullptr;
}

void Findings::merge(Findings other) {
  for (auto& [name, value] : other.values_) set(std::move(name), std::move(value));
  if (other.shots_) shots_ = std::move(other.shots_);
  for (auto& warning : other.warnings_) warnings_.push_back(std::move(warning));
}

std::string_view to_string(Transition transition) noexcept {
  switch (transition) {
    case Transition::start:
      return "start";
    case Transition::cut:
      return "cut";
    case Transition::fade:
      return "fade";
    case Transition::dissolve:
      return "dissolve";
    case Transition::wipe:
      return "wipe";
  }
  return "start";
}

Json to_json(const Shot& shot) {
  Json json{{"start_frame", shot.start_frame},
            {"end_frame", shot.end_frame},
            {"start_s", shot.start_s},
            {"end_s", shot.end_s},
            {"transition_in", to_string(shot.transition_in)}};
  if (shot.transition_end_frame > shot.transition_start_frame) {
    json["transition_start_frame"] = shot.transition_start_frame;
    json["transition_end_frame"] = shot.transition_end_frame;
    json["transition_start_s"] = shot.transition_start_s;
    json["transition_end_s"] = shot.transition_end_s;
  }
  return json;
}

Json to_json(const Interval& interval) {
  return Json{{"start_s", interval.start_s}, {"end_s", interval.end_s}};
}

Json to_json(const Findings& findings) {
  Json values = Json::array(), warnings = Json::array();
  for (const auto& [name, value] : findings.values()) values.push_back(Json::array({name, value}));
  for (const auto& warning : findings.warnings())
    warnings.push_back(
        Json::array({warning.message, warning.frame ? Json(*warning.frame) : Json()}));
  return Json{{"values", std::move(values)},
              {"has_shots", findings.shots().has_value()},
              {"warnings", std::move(warnings)}};
}

Findings findings_from_json(const Json& json) {
  Findings findings;
  for (const auto& entry : json.at("values"))
    findings.set(entry.at(0).get<std::string>(), entry.at(1));
  if (json.at("has_shots").get<bool>()) {
    std::vector<Shot> shots;
    for (const auto& shot : *findings.find("shots")) shots.push_back(shot_from_json(shot));
    findings.set_shots(std::move(shots));
  }
  for (const auto& warning : json.at("warnings")) {
    std::optional<std::int64_t> frame;
    if (!warning.at(1).is_null()) frame = warning.at(1).get<std::int64_t>();
    findings.warn(warning.at(0).get<std::string>(), frame);
  }
  return findings;
}

}  // namespace reelmill
