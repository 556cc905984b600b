// SPDX-License-Identifier: Apache-2.0
#include "resilience/batch_efficiency.h"

#include <algorithm>

namespace reelmill {
namespace {

constexpr double decay = 1 - 1.0 / 200;  // a batch

double share(double part, double whole) {
  return whole > 0 ? std::clamp(part / whole, 1e-6, 1.0) : 1.0;
}

}  // namespace

void EfficiencyMeter::add(const Batch& batch) {
  const auto follow = [](double& sum, double value) { sum = sum * decay + value; };
  follow(sent_, batch.n);
  follow(succeeded_, batch.succeeded);
  follow(seconds_, batch.seconds);
  follow(predicted_, batch.predicted);
  follow(at_target_, batch.n * batch.an_item_at_target);
  follow(at_best_, batch.n * batch.an_item_at_best);
}

BatchEfficiency EfficiencyMeter::efficiency() const {
  return {share(at_best_, at_target_), share(at_target_, predicted_), share(succeeded_, sent_),
          share(predicted_, seconds_)};
}

}  // namespace reelmill
