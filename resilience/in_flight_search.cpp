// SPDX-License-Identifier: Apache-2.0
#include "resilience/in_flight_search.h"

#include <algorithm>

namespace reelmill {
namespace {

constexpr double may_lose = 0.97, must_win = 1.05;

}  // namespace

double InFlightSearch::completed(const Completion& completion, Clock::time_point now) {
  if (most_ <= 1) return 1;
  if (!completion.is_saturated) {
    // Nothing can be said of throughput while the slots are not all used.
    if (is_measuring()) rest(phase_ == Phase::baseline ? limit_ : limit_ - step_);
    return 1;
  }
  if (phase_ == Phase::resting) {
    if (++waited_ < rest_) return 1;
    if (limit_ + step_ < 1 || limit_ + step_ > most_) step_ = -step_;
    phase_ = Phase::baseline;
    measure_ = {.began = now};
    return 1;
  }
  ++measure_.batches;
  measure_.work += completion.work;
  measure_.seconds += completion.seconds;
  if (phase_ == Phase::settling) {
    if (measure_.batches >= settling) {
      phase_ = Phase::trial;
      measure_ = {.began = now};
    }
    return 1;
  }
  if (measure_.batches < epoch || now <= measure_.began || measure_.work <= 0) return 1;
  const double rate = measure_.rate(now), stretch = measure_.seconds / measure_.work;
  if (phase_ == Phase::baseline) {
    baseline_rate_ = rate;
    baseline_stretch_ = stretch;
    limit_ += step_;
    phase_ = Phase::settling;
    measure_ = {.began = now};
    return 1;
  }
  const bool is_kept =
      step_ < 0 ? rate >= may_lose * baseline_rate_ : rate >= must_win * baseline_rate_;
  const int step = step_;
  if (is_kept) {
    rest_ = shortest_rest;
    rest(limit_);
    return stretch / baseline_stretch_;
  }
  rest_ = std::min(longest_rest, rest_ * 2);
  step_ = -step;
  rest(limit_ - step);
  return 1;
}

void InFlightSearch::rest(int limit) {
  limit_ = limit;
  phase_ = Phase::resting;
  waited_ = 0;
}

void InFlightSearch::reconsider() {
  rest_ = shortest_rest;
  if (is_measuring()) rest(phase_ == Phase::baseline ? limit_ : limit_ - step_);
}

}  // namespace reelmill
