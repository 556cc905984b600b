// SPDX-License-Identifier: Apache-2.0
#include "pipeline/frame_sampler.h"

#include <cmath>

#include "base/clock.h"

namespace reelmill {

std::optional<std::int64_t> FrameSampler::choose(bool is_key, double time_s) {
  switch (needs_.frames) {
    case DecoderNeeds::Frames::none:
    case DecoderNeeds::Frames::reference:
    case DecoderNeeds::Frames::around_changes:
      return std::nullopt;  // which frames these are depends on the stages beside the model
    case DecoderNeeds::Frames::all:
      return ++last_;
    case DecoderNeeds::Frames::key:
      if (!is_key) return std::nullopt;
      return ++last_;
    case DecoderNeeds::Frames::every_interval:
      break;
  }
  // Half a nanosecond: the same time, computed in another segment, may differ in its last bit.
  constexpr double kRounding = 5e-10;
  const double slot = std::floor((time_s + kRounding) / to_seconds(needs_.interval));
  if (!(slot >= 0 && slot < 9e15) || static_cast<std::int64_t>(slot) <= last_) return std::nullopt;
  last_ = static_cast<std::int64_t>(slot);
  return last_;
}

}  // namespace reelmill
