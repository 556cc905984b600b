// SPDX-License-Identifier: Apache-2.0
#include "resilience/prediction_error.h"

#include <algorithm>
#include <cmath>

namespace reelmill {
namespace {

constexpr std::size_t enough_for_quantile = 64, renewal = 8;

}  // namespace

void PredictionError::add(double log_ratio) {
  ratios_[next_] = static_cast<float>(log_ratio);
  next_ = (next_ + 1) % capacity;
  count_ = std::min(capacity, count_ + 1);
  if (count_ >= enough && ++since_renewal_ >= renewal) renew();
}

void PredictionError::forget_latest(std::size_t n) {
  n = std::min(n, count_);
  // The ring need not be full: what is forgotten is simply overwritten next.
  next_ = (next_ + capacity - n) % capacity;
  count_ = count_ == capacity ? capacity : count_ - n;
}

void PredictionError::renew() {
  since_renewal_ = 0;
  std::array<float, capacity> values;
  const auto end = values.begin() + static_cast<std::ptrdiff_t>(count_);
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(count_ / 2);
  std::transform(ratios_.begin(), ratios_.begin() + static_cast<std::ptrdiff_t>(count_),
                 values.begin(), [](float r) { return std::abs(r); });
  std::nth_element(values.begin(), middle, end);
  spread_ = 1.4826 * *middle;
  if (count_ < enough_for_quantile) {
    factor_96_ = std::exp(1.75 * spread_);  // of a normal distribution
    return;
  }
  std::copy_n(ratios_.begin(), count_, values.begin());
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(0.96 * static_cast<double>(count_));
  std::nth_element(values.begin(), at, end);
  factor_96_ = std::exp(static_cast<double>(*at));
}

}  // namespace reelmill
