// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace reelmill {

/// A cold start: sizes doubled from the initial one, then halved, two samples a rung, each way
/// until a rung costs 15 % more than the cheapest or takes longer than it may. It holds no times
/// itself. Not thread-safe.
class BatchLadder {
 public:
  static constexpr int samples_a_rung = 2;
  static constexpr double stop_at = 1.15;  ///< cost over that of the cheapest rung

  BatchLadder(int start, int min_size, int max_size);

  /// One that is over before it began.
  static BatchLadder finished();

  bool is_done() const { return direction_ == Direction::done; }
  int rung() const { return rung_; }
  bool is_first_rung() const { return direction_ == Direction::up && rung_ == start_; }

  struct Rung {
    double cost = 0;   ///< seconds per success at this size
    double error = 0;  ///< relative standard error of the cost
    int longest = 0;   ///< largest size that stays within the target time
  };
  /// A batch of the rung's size came back.
  void sampled(const Rung& rung);
  /// A batch left smaller than the rung, for want of items; after two, this way is at its end.
  void missed();
  /// The rung turned out to be over `longest`.
  void lower_to(int longest);

 private:
  enum class Direction { up, down, done };
  void go_up(int longest);
  void go_down();
  void step_to(int size);

  int start_, min_, max_;
  Direction direction_ = Direction::up;
  int rung_;
  int sampled_ = 0, missed_ = 0;
  double best_ = 0;        ///< cost of the cheapest rung; 0 = none yet
  double best_error_ = 0;  ///< relative standard error of it
};

}  // namespace reelmill
