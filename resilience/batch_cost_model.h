// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "resilience/batch.h"
#include "resilience/batch_cost_curve.h"
#include "resilience/batch_efficiency.h"
#include "resilience/batch_ladder.h"
#include "resilience/batch_options.h"
#include "resilience/batch_probe.h"
#include "resilience/batch_size_choice.h"
#include "resilience/fallback_batch_size.h"
#include "resilience/item_bytes.h"
#include "resilience/prediction_error.h"
#include "resilience/service_time_change.h"

namespace reelmill {

/// How many items the next batch should have, and whether to learn from it.
struct BatchPlan {
  enum class Purpose { work, probe };
  int size = 1;
  Purpose purpose = Purpose::work;
};

/// Learns what batches of a size cost, and from it which size to use: the smallest within 3 % of
/// the best permitted cost per success. One model serves one stage and one compatibility key. It
/// knows neither items nor time of day. Not thread-safe.
class BatchCostModel {
 public:
  explicit BatchCostModel(const BatchOptions& options);

  /// Learns from a batch that was served. What has no size or took no time is left out.
  void observe(const BatchObservation& observation);
  /// An item of so many bytes was queued.
  void arrived(std::size_t bytes);
  /// A batch of n items left under plan(). Later plans count it.
  void left(int n);

  /// Items wanted in a batch.
  int target() const { return target_; }
  /// The next batch: the target, or a size to try.
  const BatchPlan& plan() const { return plan_; }
  /// The size at which `in_flight` batches keep up with `per_second` arrivals, with a tenth to
  /// spare: 1.1 · λb / (K − λa). Infinite when none does; nullopt while b and a are not known.
  std::optional<double> arrival_term(double per_second, int in_flight) const;
  /// The cheapest size known.
  int cheapest() const { return cheapest_; }
  /// The largest size permitted by max_batch_size, max_bytes and target_processing_time.
  int cap() const { return cap_; }
  /// Expected service time of a batch of n; 0 = not known.
  Duration predict(int n) const;

  double efficiency() const { return efficiency_.efficiency().score(); }
  BatchEfficiency efficiency_factors() const { return efficiency_.efficiency(); }
  /// What keeps batches from being larger.
  BatchBound bound() const;
  /// The share of service time that twice the option named by bound() would save; 0 with `cost`.
  double headroom() const;
  const BatchFit& fit() const { return curve_.fit(); }
  /// Relative standard deviation of service times from what was predicted.
  double spread() const { return errors_.is_known() ? errors_.spread() : curve_.spread(); }
  std::uint64_t regime_changes() const { return regime_changes_; }
  bool is_falling_back() const { return falls_back_; }
  /// Still climbing the ladder of a cold start or restart.
  bool is_starting() const { return !ladder_.is_done(); }
  /// One item alone, at min_batch_size, takes longer than the target time.
  bool is_target_out_of_reach() const;
  const BatchCostCurve& curve() const { return curve_; }

  /// Learns anew, from the present size.
  void restart();
  /// Every batch takes `factor` times what it took.
  void rescale(double factor);

 private:
  void notice_company(int in_flight);
  void watch(const BatchObservation& observation, double seconds);
  void learn(const BatchObservation& observation, double seconds);
  void climb(int n);
  void settle();
  void move();
  void fall_back(const BatchObservation& observation);
  bool is_poor() const;
  void measure(const BatchObservation& observation, double seconds);
  void renew_cap();
  void renew_plan();

  const BatchOptions options_;
  const double target_seconds_;
  BatchCostCurve curve_;
  PredictionError errors_;
  ServiceTimeChange change_;
  BatchLadder ladder_;
  BatchProbe probe_;
  FallbackBatchSize fallback_;
  ItemBytes item_bytes_;
  EfficiencyMeter efficiency_;
  BatchPlan plan_;
  int target_, cheapest_, cap_, byte_cap_, time_cap_;
  std::uint64_t seen_ = 0, moved_at_ = 0, started_at_ = 0, fell_back_at_ = 0, regime_changes_ = 0;
  std::array<std::uint64_t, 3> alarms_{};  ///< observations of the latest regime changes, a ring
  int most_in_flight_ = 0;                 ///< batches in service at once, of those observed
  bool falls_back_ = false;
};

}  // namespace reelmill
