// SPDX-License-Identifier: Apache-2.0
#include "stages/export/timecode.h"

#include <algorithm>
#include <cmath>

#include <spdlog/fmt/fmt.h>

namespace reelmill {

Timecode::Timecode(Rational frame_rate) {
  constexpr double kLeast = 1, kMost = 99;  // two digits
  constexpr double kNtsc = 1000.0 / 1001;
  const double rate = frame_rate.den == 0 ? 0 : frame_rate.value();
  if (!(rate > 0) || !std::isfinite(rate)) return;
  nominal_ = static_cast<int>(std::lround(std::clamp(rate, kLeast, kMost)));
  rate_ = nominal_;
  const bool is_ntsc = std::abs(rate - nominal_ * kNtsc) < 1e-3 &&
                       (nominal_ == 24 || nominal_ == 30 || nominal_ == 48 || nominal_ == 60);
  if (!is_ntsc) return;
  rate_ = nominal_ * kNtsc;
  if (nominal_ % 30 == 0) dropped_ = nominal_ / 15;
}

std::int64_t Timecode::frame_at(double seconds) const {
  return std::isfinite(seconds) ? std::llround(std::clamp(seconds, 0.0, 1e9) * rate_) : 0;
}

std::string Timecode::text(std::int64_t frame) const {
  const std::int64_t a_minute = std::int64_t{nominal_} * 60 - dropped_;
  const std::int64_t ten_minutes = a_minute * 10 + dropped_;
  if (dropped_ > 0) {
    const auto tens = frame / ten_minutes, rest = frame % ten_minutes;
    frame += dropped_ * 9 * tens;
    if (rest >= dropped_) frame += dropped_ * ((rest - dropped_) / a_minute);
  }
  const auto seconds = frame / nominal_;
  return fmt::format("{:02}:{:02}:{:02}{}{:02}", seconds / 3600 % 24, seconds / 60 % 60,
                     seconds % 60, is_drop_frame() ? ';' : ':', frame % nominal_);
}

}  // namespace reelmill
