// SPDX-License-Identifier: Apache-2.0
#include "resilience/operator_hold.h"

#include <algorithm>
#include <functional>

namespace reelmill {

std::optional<Duration> OperatorHold::admit(Clock::time_point now) {
  if (!is_held()) return std::nullopt;
  std::lock_guard lock(mutex_);
  if (!is_held()) return std::nullopt;
  if (now < next_probe_) return next_probe_ - now;
  next_probe_ = saturating_add(now, probe_interval_);
  return std::nullopt;
}

void OperatorHold::give_back(Clock::time_point now) {
  if (!is_held()) return;
  std::lock_guard lock(mutex_);
  next_probe_ = std::min(next_probe_, now);
}

OperatorHold::Change OperatorHold::refused(std::string_view item, const Error& error,
                                           Clock::time_point now) {
  std::lock_guard lock(mutex_);
  message_ = to_string(error);
  if (is_held()) {
    next_probe_ = saturating_add(now, probe_interval_);
    return Change::none;
  }
  const std::uint64_t hash = item.empty() ? ++unnamed_ : std::hash<std::string_view>{}(item);
  if (std::find(items_.begin(), items_.begin() + row_, hash) != items_.begin() + row_) {
    return Change::none;
  }
  items_[row_++] = hash;
  if (row_ < refusals_needed) {
    state_.store(row_bit, std::memory_order_release);
    return Change::none;
  }
  row_ = 0;
  next_probe_ = saturating_add(now, probe_interval_);
  state_.store(held_bit, std::memory_order_release);
  return Change::held;
}

OperatorHold::Change OperatorHold::clear(unsigned bits) {
  if ((state_.load(std::memory_order_acquire) & bits) == 0) return Change::none;
  std::lock_guard lock(mutex_);
  const unsigned before = state_.load(std::memory_order_relaxed);
  if ((before & bits) == 0) return Change::none;
  row_ = 0;
  state_.store(before & ~bits & ~row_bit, std::memory_order_release);
  if ((before & bits & held_bit) == 0) return Change::none;
  message_.clear();
  next_probe_ = Clock::time_point::min();
  return Change::released;
}

OperatorHold::Change OperatorHold::answered() {
  return clear(row_bit | held_bit);
}

void OperatorHold::failed() {
  clear(row_bit);
}

OperatorHold::Change OperatorHold::release() {
  return clear(row_bit | held_bit);
}

std::string OperatorHold::message() const {
  std::lock_guard lock(mutex_);
  return is_held() ? message_ : std::string();
}

Clock::time_point OperatorHold::next_probe() const {
  if (!is_held()) return Clock::time_point::min();
  std::lock_guard lock(mutex_);
  return next_probe_;
}

}  // namespace reelmill
