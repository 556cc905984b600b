// SPDX-License-Identifier: Apache-2.0
#include "resilience/striped_count.h"

namespace reelmill {

void StripedCount::add_without_stripe() noexcept {
  ThreadStripe::index();  // deals, at a thread's first call
  if (const std::size_t stripe = ThreadStripe::owned(); stripe > 0) return increment(stripe);
  stripes_[0].count.fetch_add(1, std::memory_order_relaxed);
}

std::uint64_t StripedCount::total() const noexcept {
  std::uint64_t total = 0;
  for (const Stripe& stripe : stripes_) total += stripe.count.load(std::memory_order_relaxed);
  return total;
}

}  // namespace reelmill
