// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace reelmill {

/// Deals the stripes of striped counters out to threads, so that each thread counts on a cache line
/// of its own. The first `count` threads that are alive own a stripe each; those beyond share
/// theirs. Only who counts where is decided here; it owns no counters. Thread-safe.
class ThreadStripe {
 public:
  static constexpr std::size_t count = 8;

  /// Below `count`; the same for the whole life of this thread, and possibly that of others too.
  static std::size_t index() noexcept {
    if (shared_ == 0) [[unlikely]]
      return deal();
    return shared_ - 1;
  }
  /// The number, from 1, of the stripe that no other thread owns now; 0: this thread owns none, or
  /// has not asked for its index yet. What an earlier owner wrote is visible to the next.
  static std::size_t owned() noexcept { return owned_; }

 private:
  struct Place;
  static std::size_t deal() noexcept;

  // The model spares a function call for each use within a shared library.
  [[gnu::tls_model("initial-exec")]] static inline constinit thread_local std::size_t shared_ = 0;
  [[gnu::tls_model("initial-exec")]] static inline constinit thread_local std::size_t owned_ = 0;
};

}  // namespace reelmill
