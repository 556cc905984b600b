// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "stages/api/stage.h"

namespace reelmill {

/// Chooses the frames of one scan that a model sees: all, key frames, or the first of every
/// interval. Not thread-safe: one a scan and model.
class FrameSampler {
 public:
  explicit FrameSampler(const DecoderNeeds& needs) : needs_(needs) {}

  /// The frame's interval, counted from the first frame of the video (or its place among the chosen
  /// ones); nothing when it is not chosen. A later segment begins in the middle of an interval, so
  /// of several scans the first frame of an interval counts.
  std::optional<std::int64_t> choose(bool is_key, double time_s);

 private:
  const DecoderNeeds needs_;
  std::int64_t last_ = -1;
};

}  // namespace reelmill
