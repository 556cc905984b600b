// SPDX-License-Identifier: Apache-2.0
#include "resilience/fallback_batch_size.h"

#include <algorithm>

namespace reelmill {

FallbackBatchSize::FallbackBatchSize(const BatchOptions& options)
    : min_(options.min_batch_size),
      max_(options.max_batch_size),
      target_(options.target_processing_time),
      step_(std::max(1.0, options.adaptation_factor * options.initial_batch_size)),
      size_(options.initial_batch_size) {}

void FallbackBatchSize::start(int size) {
  size_ = std::clamp(size, min_, max_);
}

void FallbackBatchSize::observe(int n, Duration service_time) {
  const auto time = static_cast<double>(service_time.count());
  const auto target = static_cast<double>(target_.count());
  if (time > target) {
    size_ = std::max<double>(min_, size_ * 0.9);
  } else if (n >= size() && time < 0.9 * target) {
    size_ = std::min<double>(max_, size_ + step_);
  }
}

}  // namespace reelmill
