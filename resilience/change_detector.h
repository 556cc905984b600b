// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace reelmill {

/// Notices that a service fails more often than it used to: a one-sided sequential test (Page's
/// CUSUM on the log-likelihood ratio) of the learned failure rate p0 against p1 = max(0.3, 3 p0).
///
/// p0 is the upper 97.5 % bound (Wilson) of the healthy rate, not its estimate, since a p0 below
/// the truth ruins the promise of about `false_trip_calls` calls for each false alarm. It is the
/// mean over the first `learn_calls` calls and a slow moving average after them, frozen while the
/// statistic stands above half its limit. While it learns, the same test runs against a healthy
/// rate of 20 %, so that a service that is down from the start does not get `learn_calls` calls.
/// Successes are told in numbers, when a failure or a reader comes: they only ever lower the
/// statistic. Not thread-safe.
class ChangeDetector {
 public:
  ChangeDetector(double false_trip_calls, double learn_calls);

  void successes(std::uint64_t count);
  /// True when the test alarms with this failure.
  bool failure();
  /// Forgets the statistic, keeps what was learned.
  void clear() { statistic_ = 0; }

  double healthy_rate() const { return p0_; }      ///< the p0 in use
  double statistic() const { return statistic_; }  ///< S; alarms at limit()
  double limit() const { return limit_; }          ///< ln(false_trip_calls)
  bool has_learned() const { return learned_ >= learn_calls_; }

 private:
  void arm();
  void follow(double count, double outcome);
  void choose_rates(double p0);

  const double limit_, learn_calls_;
  double p0_ = 0, up_ = 0, down_ = 0;  ///< the hypothesis, and the steps of S it implies
  double statistic_ = 0;
  double learned_ = 0, learned_failures_ = 0;
  double mean_ = 0, variance_factor_ = 0;  ///< of the moving average; 1 / its effective sample size
};

}  // namespace reelmill
