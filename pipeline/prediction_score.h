// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

namespace reelmill {

/// How well the times that `plan` predicts held (time_prediction.h), over the videos of one run
/// that were decoded. Keeps four bytes a video. Thread-safe.
class PredictionScore {
 public:
  struct Report {
    std::int64_t videos = 0;
    double predicted_s = 0, took_s = 0;  ///< of one worker, all together
    /// Half of the videos took less off their prediction than this share of what they took. With
    /// `scaled_error` after all predictions were multiplied by one factor, so that as many are too
    /// high as are too low: what is left when the speed of this machine is known. Nothing without
    /// videos.
    std::optional<double> median_error, scaled_error;
  };

  /// A video of which nothing was predicted (0), or that took no time, does not count.
  void add(double predicted_s, double took_s);
  Report report() const;

 private:
  mutable std::mutex mutex_;
  double predicted_s_ = 0, took_s_ = 0;
  std::vector<float> ratios_;  // predicted to taken
};

}  // namespace reelmill
