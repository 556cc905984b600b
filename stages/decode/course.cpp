// SPDX-License-Identifier: Apache-2.0
#include "stages/decode/course.h"

#include <algorithm>

namespace reelmill {
namespace {

/// Frames decoded beyond a gradual change, for the detector to see the end.
constexpr std::size_t kGradualMargin = 12;
/// So short that no shot fits in and goes again.
constexpr std::size_t kNoShotWithin = 50;
/// Correlation of two pictures below which motion alone hardly explains it.
constexpr float kUnlike = 0.6F;

void add_places(Course& course, const GroupView& group, const std::vector<ChangePlace>& places) {
  for (const auto& place : places) {
    const auto begin = place_of(place.begin, group.display);
    const auto end = place_of(place.end, group.display);
    course.reach(end + (place.is_sudden ? kMargin : kGradualMargin));
    if (place.is_sudden) course.look_closely(begin < kClose ? 0 : begin - kClose, end + kClose);
    course.ends_with_change = course.ends_with_change || end + kMargin >= group.display.size();
  }
}

}  // namespace

std::size_t place_of(std::int64_t pts, std::span<const std::int64_t> display) {
  const auto found = std::lower_bound(display.begin(), display.end(), pts);
  return static_cast<std::size_t>(found - display.begin());
}

void Course::reach(std::size_t place) {
  last = std::min(std::max(last.value_or(0), place), is_close.size() - 1);
}

void Course::look_closely(std::size_t from, std::size_t to) {
  for (auto i = from; i <= to && i < is_close.size(); ++i) is_close[i] = true;
}

Course whole_course(std::size_t frames) {
  Course course(frames);
  course.look_closely(0, frames);
  course.reach(frames - 1);
  course.ends_with_change = course.runs_on = true;
  return course;
}

Course plan_course(const GroupView& group) {
  Course course(group.display.size());
  course.look_closely(0, 0);
  if (group.begins_with_change) {
    course.reach(kMargin);
    course.look_closely(0, kMargin);
  }
  const auto* next = group.next_key;
  const bool is_other = next == nullptr || is_other_picture(group.key, *next);
  const bool is_unlike = next == nullptr || content_correlation(group.key, *next) <= kUnlike;
  auto places =
      find_change_places(group.facts, is_unlike ? Expectation::change : Expectation::none);
  if (!is_other && group.display.size() < kNoShotWithin) {
    std::erase_if(places, [](const auto& place) { return !place.is_sudden; });
    if (places.size() < 2) places.clear();  // there, but not back
  }
  add_places(course, group, places);
  if (group.facts.is_beside_blank) {
    course.reach(group.display.size() - 1);
    course.ends_with_change = true;
  }
  if (course.last)
    course.look_closely(*course.last - std::min(*course.last, kCloseToEnd), *course.last);
  return course;
}

}  // namespace reelmill
