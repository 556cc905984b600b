// SPDX-License-Identifier: Apache-2.0
#include "resilience/success_stripes.h"

#include <utility>

namespace reelmill {

std::uint64_t SuccessStripes::stop() noexcept {
  if (!std::exchange(is_counting_, false)) return 0;
  std::uint64_t counted = 0;
  for (Stripe& stripe : stripes_) {
    counted += stripe.word.exchange(idle, std::memory_order_relaxed) & count_mask;
  }
  return counted;
}

std::uint64_t SuccessStripes::drain() noexcept {
  if (!is_counting_) return 0;
  std::uint64_t counted = 0;
  for (Stripe& stripe : stripes_) {
    const std::uint64_t taken = stripe.word.load(std::memory_order_relaxed) & count_mask;
    if (taken > 0) stripe.word.fetch_sub(taken, std::memory_order_relaxed);
    counted += taken;
  }
  return counted;
}

std::uint64_t SuccessStripes::count() const noexcept {
  if (!is_counting_) return 0;
  std::uint64_t counted = 0;
  for (const Stripe& stripe : stripes_) {
    counted += stripe.word.load(std::memory_order_relaxed) & count_mask;
  }
  return counted;
}

}  // namespace reelmill
