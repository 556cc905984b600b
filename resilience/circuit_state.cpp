// SPDX-License-Identifier: Apache-2.0
#include "resilience/circuit_state.h"

namespace reelmill {

std::string_view to_string(CircuitState state) noexcept {
  switch (state) {
    case CircuitState::closed:
      return "closed";
    case CircuitState::open:
      return "open";
    case CircuitState::half_open:
      return "half_open";
  }
  return "unknown";
}

std::string_view to_string(CircuitMode mode) noexcept {
  switch (mode) {
    case CircuitMode::automatic:
      return "automatic";
    case CircuitMode::forced_open:
      return "forced_open";
    case CircuitMode::disabled:
      return "disabled";
    case CircuitMode::metrics_only:
      return "metrics_only";
  }
  return "unknown";
}

}  // namespace reelmill
