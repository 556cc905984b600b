// SPDX-License-Identifier: Apache-2.0
#include "resilience/concurrency_limit.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "resilience/option_problems.h"

namespace reelmill {
namespace {

constexpr double low_ratio = 1.3;   // observed / predicted that is no queue yet
constexpr double high_ratio = 2.0;  // that surely is one
constexpr double cut_to = 0.9;
constexpr int least_samples = 4;
constexpr Duration first_guess = std::chrono::milliseconds(10);

ConcurrencyLimitOptions checked(ConcurrencyLimitOptions options) {
  if (const auto problems = validate(options); !problems.empty()) {
    throw std::invalid_argument("concurrency limit: " + joined(problems));
  }
  return options;
}

}  // namespace

ConcurrencyLimit::ConcurrencyLimit(ConcurrencyLimitOptions options, Clock& clock)
    : options_(checked(options)), clock_(clock), limit_(options.initial) {}

Result<Slot> ConcurrencyLimit::try_acquire() {
  const auto epoch = epoch_.load(std::memory_order_acquire);
  int in_flight = in_flight_.load(std::memory_order_relaxed);
  do {
    const int limit = limit_.load(std::memory_order_relaxed);
    if (in_flight >= limit) {
      const Duration typical(typical_.load(std::memory_order_relaxed));
      const Duration wait =
          typical > Duration::zero() ? std::max(typical / limit, Duration(1)) : first_guess;
      return tl::unexpected<Error>(Error{ErrorKind::rejected, "too many calls", wait, false});
    }
  } while (!in_flight_.compare_exchange_weak(in_flight, in_flight + 1, std::memory_order_acq_rel));
  return Slot(this, epoch);
}

void ConcurrencyLimit::observe(std::uint64_t epoch, Duration observed, Duration predicted,
                               int in_flight) {
  const auto typical = typical_.load(std::memory_order_relaxed);
  typical_.store(typical == 0 ? observed.count() : typical + (observed.count() - typical) / 8,
                 std::memory_order_relaxed);
  if (!options_.adaptive || predicted <= Duration::zero()) return;
  std::lock_guard lock(mutex_);
  if (epoch != epoch_.load(std::memory_order_relaxed)) return;
  ++samples_;
  busiest_ = std::max(busiest_, in_flight);
  ratio_sum_ += static_cast<double>(observed.count()) / static_cast<double>(predicted.count());
  const int limit = limit_.load(std::memory_order_relaxed);
  if (samples_ < std::max(least_samples, limit)) return;

  const double ratio = ratio_sum_ / samples_;
  int next = limit;
  if (ratio >= high_ratio) {
    next = std::min(limit - 1, static_cast<int>(std::floor(limit * cut_to)));
  } else if (ratio <= low_ratio && busiest_ >= limit) {
    next = limit + 1;
  }
  next = std::clamp(next, options_.min, options_.max);
  samples_ = busiest_ = 0;
  ratio_sum_ = 0;
  if (next == limit) return;
  limit_.store(next, std::memory_order_relaxed);
  epoch_.fetch_add(1, std::memory_order_release);
}

Slot& Slot::operator=(Slot&& other) noexcept {
  if (this != &other) {
    release();
    limit_ = std::exchange(other.limit_, nullptr);
    epoch_ = other.epoch_;
  }
  return *this;
}

void Slot::release() {
  if (auto* limit = std::exchange(limit_, nullptr)) {
    limit->in_flight_.fetch_sub(1, std::memory_order_acq_rel);
  }
}

void Slot::done(Duration observed, Duration predicted) {
  if (auto* limit = std::exchange(limit_, nullptr)) {
    const int in_flight = limit->in_flight_.fetch_sub(1, std::memory_order_acq_rel);
    limit->observe(epoch_, std::max(observed, Duration::zero()), predicted, in_flight);
  }
}

}  // namespace reelmill
