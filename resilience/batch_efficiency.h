// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace reelmill {

/// The share of service time that would have been needed at the best permitted size with no
/// failures, over about the latest 200 batches: amortisation × fill × success × speed.
struct BatchEfficiency {
  double amortisation = 1;  ///< cost at the best permitted size ÷ cost at the sizes aimed at
  double fill = 1;          ///< cost at the sizes aimed at ÷ cost at the sizes sent
  double success = 1;       ///< items that succeeded ÷ items sent
  double speed = 1;         ///< time predicted ÷ time taken

  double score() const { return amortisation * fill * success * speed; }
};

/// Adds up what BatchEfficiency is made of. Not thread-safe.
class EfficiencyMeter {
 public:
  struct Batch {
    int n = 0, succeeded = 0;
    double seconds = 0;            ///< taken
    double predicted = 0;          ///< seconds for n items
    double an_item_at_target = 0;  ///< predicted seconds an item at the size aimed at
    double an_item_at_best = 0;    ///< predicted seconds an item at the best permitted size
  };
  void add(const Batch& batch);
  BatchEfficiency efficiency() const;

 private:
  double sent_ = 0, succeeded_ = 0, seconds_ = 0, predicted_ = 0, at_target_ = 0, at_best_ = 0;
};

}  // namespace reelmill
