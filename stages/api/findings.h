// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace reelmill {

/// Insertion-ordered JSON: keys come out in the order in which they were set.
using Json = nlohmann::ordered_json;

/// How a shot begins: with the video, at once, through black or white, mixed with the shot before,
/// or moving in over it.
enum class Transition { start, cut, fade, dissolve, wipe };

/// Frames [start_frame, end_frame) shown from start_s to end_s; times in seconds from the first
/// video frame's pts. A shot begins in the middle of its transition, which frames
/// [transition_start_frame, transition_end_frame) show; a cut, or the start, is seen in none.
struct Shot {
  std::int64_t start_frame = 0, end_frame = 0;
  double start_s = 0, end_s = 0;
  Transition transition_in = Transition::start;
  std::int64_t transition_start_frame = start_frame, transition_end_frame = start_frame;
  double transition_start_s = start_s, transition_end_s = start_s;
};

/// A stretch of time in seconds from the first video frame's pts. `end_s` is the pts of the next
/// frame, at the end of the video the last pts plus its duration.
struct Interval {
  double start_s = 0, end_s = 0;
};

/// Something a person should know about this video; `frame` where it is about one.
struct Warning {
  std::string message;
  std::optional<std::int64_t> frame;
};

/// The typed statements about one video, each under its name in the results (`shots`, `black`,
/// `loudness`, ...). A value, filled by detectors and observers and handed to later stages.
class Findings {
 public:
  void set(std::string name, Json value);
  void set_shots(std::vector<Shot> shots);  ///< also sets `shots`
  void set_intervals(std::string name, const std::vector<Interval>& intervals);
  void warn(std::string message, std::optional<std::int64_t> frame = {});

  /// nullptr where nobody has set it.
  const Json* find(std::string_view name) const;
  const std::optional<std::vector<Shot>>& shots() const { return shots_; }
  const std::vector<std::pair<std::string, Json>>& values() const { return values_; }
  const std::vector<Warning>& warnings() const { return warnings_; }

  /// Takes over all that `other` says; same names are replaced.
  void merge(Findings other);

 private:
  std::vector<std::pair<std::string, Json>> values_;
  std::optional<std::vector<Shot>> shots_;
  std::vector<Warning> warnings_;
};

/// All of it, for keeping; findings_from_json gives the same back.
Json to_json(const Findings& findings);
/// Throws Json::exception for anything that to_json(Findings) did not write.
Findings findings_from_json(const Json& json);

std::string_view to_string(Transition transition) noexcept;
Json to_json(const Shot& shot);
Json to_json(const Interval& interval);

}  // namespace reelmill
