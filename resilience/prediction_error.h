// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>

namespace reelmill {

/// How far service times fall from what was predicted for them, as ln(time ÷ prediction), over the
/// latest 256 batches. Since each prediction was made before its batch came back, the quantile
/// holds the errors of the model as well as the noise of the service. Not thread-safe.
class PredictionError {
 public:
  void add(double log_ratio);
  /// Forgets the latest `n`, which belong to another regime.
  void forget_latest(std::size_t n);

  /// There are enough to say something.
  bool is_known() const { return count_ >= enough; }
  /// Relative standard deviation by the median, 1.4826 · median |ln ratio|.
  double spread() const { return spread_; }
  /// The factor on a prediction that 96 % of the batches stay below.
  double factor_96() const { return factor_96_; }

 private:
  static constexpr std::size_t capacity = 256, enough = 16;
  void renew();

  std::array<float, capacity> ratios_{};
  std::size_t count_ = 0, next_ = 0, since_renewal_ = 0;
  double spread_ = 0.1, factor_96_ = 1.2;  // until enough is known
};

}  // namespace reelmill
