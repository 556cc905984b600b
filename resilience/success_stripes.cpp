// SPDX-License-Identifier: Apache-2.0
#include "resilience/success_stripes.h"

#include <algorithm>
#include <mutex>
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

std::size_t SuccessStripes::assign_stripe() noexcept {
  // How many threads count where, over all breakers; only speed depends on it.
  static constinit std::mutex mutex;
  static constinit std::array<int, stripe_count> users{};
  struct Place {
    Place() {
      std::lock_guard lock(mutex);
      const auto emptiest = std::min_element(users.begin(), users.end());
      ++*emptiest;
      stripe = static_cast<std::size_t>(emptiest - users.begin());
    }
    ~Place() {
      std::lock_guard lock(mutex);
      --users[stripe];
    }
    std::size_t stripe;
  };
  thread_local const Place place;
  return place.stripe + 1;
}

}  // namespace reelmill
