// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace reelmill {

enum class CircuitState { closed, open, half_open };
enum class CircuitMode {
  automatic,     ///< trips and recovers by itself
  forced_open,   ///< refuses everything until the mode changes
  disabled,      ///< admits everything, records nothing
  metrics_only,  ///< admits everything, records, and reports when it would have opened
};

std::string_view to_string(CircuitState state) noexcept;
std::string_view to_string(CircuitMode mode) noexcept;

/// A breaker at one moment. The totals count since creation, over all modes and generations.
struct CircuitSnapshot {
  CircuitState state = CircuitState::closed;
  CircuitMode mode = CircuitMode::automatic;
  double failure_rate = 0, slow_call_rate = 0;  ///< of the window now
  Duration retry_after{0};                      ///< until a call may be admitted; 0 = now
  std::uint64_t successes = 0, failures = 0, slow = 0, ignored = 0, refused = 0;
  std::uint64_t stale = 0;  ///< results that came after the generation they belong to
  std::uint64_t trips = 0;  ///< openings, and with metrics_only would-be openings
  Clock::time_point changed_at;
};

/// One change of state.
struct CircuitTransition {
  std::string name;
  CircuitState from, to;
  std::string reason;
  Clock::time_point at;
  bool is_hypothetical = false;  ///< metrics_only: it would have opened, and did not
};

}  // namespace reelmill
