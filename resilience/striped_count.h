// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "resilience/thread_stripe.h"

namespace reelmill {

/// An exact count of what many threads do often. A thread that owns a stripe adds with a plain load
/// and store, which an atomic addition would take several times as long for; all others share one
/// atomic number. Thread-safe.
class StripedCount {
 public:
  void add() noexcept {
    const std::size_t stripe = ThreadStripe::owned();
    if (stripe == 0) [[unlikely]]
      return add_without_stripe();
    increment(stripe);
  }
  /// Of all additions that happened before it.
  std::uint64_t total() const noexcept;

 private:
  struct alignas(64) Stripe {
    std::atomic<std::uint64_t> count{0};
  };

  /// For the owner only: nobody writes in between.
  void increment(std::size_t stripe) noexcept {
    auto& count = stripes_[stripe].count;
    count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  void add_without_stripe() noexcept;

  std::array<Stripe, ThreadStripe::count + 1> stripes_;  ///< [0]: of those that own none
};

}  // namespace reelmill
