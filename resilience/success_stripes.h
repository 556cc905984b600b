// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "resilience/thread_stripe.h"

namespace reelmill {

/// Counts the successes of one generation, each thread on a cache line of its own, so that threads
/// that call a healthy service do not wait for each other. A success is counted in the generation
/// it belongs to or not at all: the count and the generation share a word.
///
/// add() is safe on any thread at any time; the other members need a lock around them.
class SuccessStripes {
 public:
  /// Counts one. False: this generation is not counted here (any longer), or the stripe is full.
  bool add(std::uint64_t generation) noexcept {
    std::atomic<std::uint64_t>& word = stripes_[ThreadStripe::index()].word;
    const std::uint64_t none = generation << count_bits;
    std::uint64_t seen = word.load(std::memory_order_relaxed);
    // One comparison for both: another generation makes the difference large.
    while (seen - none < full) {
      if (word.compare_exchange_weak(seen, seen + 1, std::memory_order_relaxed)) return true;
    }
    return false;
  }

  bool is_counting() const noexcept { return is_counting_; }
  void start(std::uint64_t generation) noexcept {
    for (Stripe& stripe : stripes_) {
      stripe.word.store(generation << count_bits, std::memory_order_relaxed);
    }
    is_counting_ = true;
  }
  /// From here on nothing is counted. Returns what was.
  std::uint64_t stop() noexcept;
  /// Takes out what has been counted so far, and goes on counting.
  std::uint64_t drain() noexcept;
  /// What has been counted since it was last taken out.
  std::uint64_t count() const noexcept;

 private:
  static constexpr int count_bits = 24;
  static constexpr std::uint64_t count_mask = (1ULL << count_bits) - 1;
  static constexpr std::uint64_t full = 1ULL << (count_bits - 1);
  static constexpr std::uint64_t idle = ~0ULL;  ///< full in whatever generation it may be

  struct alignas(64) Stripe {
    std::atomic<std::uint64_t> word{idle};
  };

  std::array<Stripe, ThreadStripe::count> stripes_;
  bool is_counting_ = false;
};

}  // namespace reelmill
