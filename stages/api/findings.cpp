// SPDX-License-Identifier: Apache-2.0
#include "stages/api/findings.h"

#include <algorithm>

namespace reelmill {

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
  }
  return "start";
}

Json to_json(const Shot& shot) {
  return Json{{"start_frame", shot.start_frame},
              {"end_frame", shot.end_frame},
              {"start_s", shot.start_s},
              {"end_s", shot.end_s},
              {"transition_in", to_string(shot.transition_in)}};
}

Json to_json(const Interval& interval) {
  return Json{{"start_s", interval.start_s}, {"end_s", interval.end_s}};
}

}  // namespace reelmill
