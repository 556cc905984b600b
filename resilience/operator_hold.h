// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace reelmill {

/// Notices that a service works but refuses us (credentials, quota), which only a person can mend:
/// three refusals in a row on different items hold all calls. Then one probe is let through every
/// `probe_interval`; one that is answered ends the hold. A refusal of the same item again does not
/// count. Thread-safe; costs one load while nothing is wrong.
class OperatorHold {
 public:
  static constexpr std::size_t refusals_needed = 3;
  enum class Change { none, held, released };

  explicit OperatorHold(Duration probe_interval) : probe_interval_(probe_interval) {}

  /// Time to wait before asking again; nullopt: go ahead (while held: as the probe).
  std::optional<Duration> admit(Clock::time_point now);
  /// The probe that admit() let through was not made after all.
  void give_back(Clock::time_point now);
  /// The service refused. An unnamed item (empty) differs from every other.
  Change refused(std::string_view item, const Error& error, Clock::time_point now);
  /// The service answered, so it is ours again.
  Change answered();
  /// It failed for another reason: no longer refusals in a row, but a hold stays.
  void failed();
  /// An operator says that the cause is gone.
  Change release();

  bool is_held() const { return (state_.load(std::memory_order_acquire) & held_bit) != 0; }
  /// What the service said last; empty unless held.
  std::string message() const;
  /// When the next probe is let through; min() unless held.
  Clock::time_point next_probe() const;

 private:
  static constexpr unsigned row_bit = 1, held_bit = 2;
  Change clear(unsigned bits);

  const Duration probe_interval_;
  std::atomic<unsigned> state_{0};  ///< bits: a row has begun; held
  mutable std::mutex mutex_;
  std::array<std::uint64_t, refusals_needed> items_{};  ///< hashes of the items of this row
  std::size_t row_ = 0;
  std::uint64_t unnamed_ = 0;
  std::string message_;
  Clock::time_point next_probe_ = Clock::time_point::min();
};

}  // namespace reelmill
