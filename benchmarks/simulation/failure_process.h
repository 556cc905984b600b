// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "base/random.h"

namespace reelmill::simulation {

/// Says of each call in turn whether it fails: independently, or in bursts after Gilbert and
/// Elliott, a chain of a good state without failures and a bad state in which most calls fail.
/// Not thread-safe.
class FailureProcess {
 public:
  static FailureProcess independent(double rate, Random& random) {
    return FailureProcess(random, 1, rate, 0);
  }
  /// `rate` of all calls fail; a stay in the bad state lasts `burst` calls on average and fails
  /// `in_burst` of them. `rate` must lie below `in_burst`.
  static FailureProcess bursts(double rate, double burst, double in_burst, Random& random) {
    FailureProcess process(random, rate / in_burst, in_burst, 1 / burst);
    process.enter_ = process.share_ / (1 - process.share_) * process.leave_;
    return process;
  }

  bool next_fails() {
    if (leave_ > 0) {
      const double turn = random_->uniform();
      is_bad_ = is_bad_ ? turn >= leave_ : turn < enter_;
    }
    return is_bad_ && random_->uniform() < in_burst_;
  }

 private:
  FailureProcess(Random& random, double share, double in_burst, double leave)
      : random_(&random),
        share_(share),
        in_burst_(in_burst),
        leave_(leave),
        is_bad_(leave == 0 || random.uniform() < share) {}

  Random* random_;
  double share_;     ///< of calls in the bad state
  double in_burst_;  ///< probability of failure there
  double leave_;     ///< probability to leave it with a call; 0 = it is never left
  double enter_ = 0;
  bool is_bad_;
};

}  // namespace reelmill::simulation
