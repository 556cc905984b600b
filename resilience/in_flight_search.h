// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"

namespace reelmill {

/// Finds how many batches should be in service at once, between 1 and a limit: the fewest that do
/// not cost throughput. It tries one fewer or one more for an epoch of its own, during which the
/// sizes stay as they are: fewer is kept when at most 3 % of the throughput is lost, more when 5 %
/// are won. The wait between trials doubles while nothing changes. Not thread-safe.
class InFlightSearch {
 public:
  static constexpr int epoch = 24;    ///< batches measured before and after a step
  static constexpr int settling = 8;  ///< batches after a step that are not measured
  static constexpr int shortest_rest = 96, longest_rest = 1536;  ///< batches between trials

  explicit InFlightSearch(int most) : most_(most), limit_(most) {}

  /// Batches that may be in service now.
  int limit() const { return limit_; }
  /// An epoch is being measured: sizes must stay as they are, and what batches take now is not
  /// what they usually take.
  bool is_measuring() const { return phase_ != Phase::resting; }

  struct Completion {
    double work = 0;            ///< expected seconds of service for what succeeded
    double seconds = 0;         ///< service time taken
    bool is_saturated = false;  ///< as many were in service as may be
  };
  /// A batch came back. Returns the factor on service times when a step was kept, otherwise 1.
  double completed(const Completion& completion, Clock::time_point now);
  /// The service has changed: an earlier trial says nothing any more.
  void reconsider();

 private:
  enum class Phase { resting, baseline, settling, trial };
  struct Measure {
    double work = 0, seconds = 0;
    Clock::time_point began{};
    int batches = 0;
    double rate(Clock::time_point now) const { return work / to_seconds(now - began); }
  };
  void rest(int limit);

  int most_, limit_;
  Phase phase_ = Phase::resting;
  Measure measure_;
  int waited_ = 0, rest_ = shortest_rest;
  int step_ = -1;
  double baseline_rate_ = 0, baseline_stretch_ = 1;
};

}  // namespace reelmill
