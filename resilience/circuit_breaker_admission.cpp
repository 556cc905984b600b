// SPDX-License-Identifier: Apache-2.0
// Admission: what a breaker that is not simply closed answers to acquire().
#include <algorithm>
#include <cmath>

#include "resilience/circuit_breaker.h"

namespace reelmill {
namespace {

constexpr double certainly = 1 - 1e-9;  // credit sums are not exact

// std::string keeps the message without allocating. Four bytes are stored as they are read when the
// string is moved; other lengths are read across two stores, and the processor waits for both.
inline Result<Permit> refuse(Duration retry_after) {
  return Result<Permit>(tl::unexpect, Error{ErrorKind::circuit_open, "open", retry_after, false});
}

}  // namespace

// Apart from acquire_slowly(), since refusals come by the thousand and need none of its set-up.
Result<Permit> CircuitBreaker::acquire_elsewhere(std::uint64_t word) {
  if ((word & ~generation_mask) == automatically_open) {
    const Duration left = time_left(now());
    if (left > Duration::zero()) {
      refused_.add();
      return refuse(left);
    }
  }
  return acquire_slowly(word);
}

Result<Permit> CircuitBreaker::acquire_slowly(std::uint64_t word) {
  if (mode_of(word) == CircuitMode::forced_open) {
    refused_.add();
    return refuse(Duration::zero());
  }
  if (mode_of(word) != CircuitMode::automatic) {
    return Permit(this, generation_of(word), watches_slow_ ? clock_.now() : Clock::time_point(),
                  Clock::time_point::max());
  }
  const auto now = clock_.now();
  auto permit = [&] {
    std::lock_guard lock(mutex_);
    return acquire_locked(now);
  }();
  transitions_.deliver();
  return permit;
}

Result<Permit> CircuitBreaker::acquire_locked(Clock::time_point now) {
  expire_probes(now);
  std::uint64_t word = word_.load(std::memory_order_relaxed);
  if (mode_of(word) == CircuitMode::forced_open) {
    refused_.add();
    return refuse(Duration::zero());
  }
  if (mode_of(word) == CircuitMode::automatic && phase_of(word) == Phase::open &&
      time_left(now) <= Duration::zero()) {
    enter(Phase::half_open, CircuitMode::automatic, "break is over", now);
    word = word_.load(std::memory_order_relaxed);
  }
  switch (phase_of(word)) {
    case Phase::open:
      refused_.add();
      return refuse(time_left(now));
    case Phase::half_open: {
      if (!probes_.has_place()) {
        refused_.add();
        const auto earliest = probes_.earliest();
        return refuse(earliest == Clock::time_point::max() ? Duration::zero() : earliest - now);
      }
      const Duration limit =
          options_.probe_timeout > Duration::zero() ? options_.probe_timeout : options_.timeout;
      // Without either there is no time after which a probe is lost.
      const auto deadline =
          limit > Duration::zero() ? saturating_add(now, limit) : Clock::time_point::max();
      probes_.take(deadline);
      return Permit(this, generation_of(word), now, deadline);
    }
    case Phase::ramping:
      return acquire_ramping(word, now);
    case Phase::closed:
      break;
  }
  return Permit(this, generation_of(word), now, Clock::time_point::max());
}

Result<Permit> CircuitBreaker::acquire_ramping(std::uint64_t word, Clock::time_point now) {
  const auto steps = std::max<Duration::rep>(0, (now - ramp_from_) / options_.ramp_step);
  const double share =
      std::ldexp(options_.ramp_start, static_cast<int>(std::min<Duration::rep>(steps, 64)));
  if (share >= 1) {
    word_.fetch_and(~(3ULL << phase_shift), std::memory_order_release);  // same generation, closed
    start_stripes_when_due();
    return Permit(this, generation_of(word), now, Clock::time_point::max());
  }
  ramp_credit_ += share;
  if (ramp_credit_ < certainly) {
    refused_.add();
    return refuse(ramp_from_ + (steps + 1) * options_.ramp_step - now);
  }
  ramp_credit_ -= 1;
  return Permit(this, generation_of(word), now, Clock::time_point::max());
}

}  // namespace reelmill
