// SPDX-License-Identifier: Apache-2.0
#include "resilience/strategy_chooser.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace reelmill {
namespace {

constexpr double discount = 0.99;  // an old reward counts for half after 69 newer ones
constexpr double prior = 0.5;      // operations that a strategy is credited with untried
// A reward is no coin: those of one strategy after one kind of error lie close together (measured
// on simulated services: a tenth of the variance of a coin with their mean, or less). So an
// operation tells as much as this many coins, and Beta distributions of the sums as they are would
// try strategies that have long shown to be worse.
constexpr double coins = 16;

double normal(Random& random) {
  const double u = 1 - random.uniform();  // (0, 1], so that the logarithm is finite
  return std::sqrt(-2 * std::log(u)) * std::cos(2 * std::numbers::pi * random.uniform());
}

/// Gamma(shape, 1) by Marsaglia and Tsang, "A simple method for generating gamma variables", 2000;
/// below 1 by their boost.
double gamma(double shape, Random& random) {
  if (shape < 1) return gamma(shape + 1, random) * std::pow(1 - random.uniform(), 1 / shape);
  const double d = shape - 1.0 / 3;
  const double c = 1 / std::sqrt(9 * d);
  // A rejection loop accepts more than 95 % of its draws; the bound only guards against a source
  // of chance that is none.
  for (int tries = 0; tries < 100; ++tries) {
    const double x = normal(random);
    const double v = std::pow(1 + c * x, 3);
    if (v <= 0) continue;
    const double u = 1 - random.uniform();
    if (std::log(u) < 0.5 * x * x + d - d * v + d * std::log(v)) return d * v;
  }
  return shape;
}

}  // namespace

double StrategyChooser::mean_reward() const {
  double good = 0.5, all = 1;  // one operation of which nothing is known
  for (const Belief& belief : beliefs_) {
    good += belief.good;
    all += belief.good + belief.bad;
  }
  return good / all;
}

RetryStrategy StrategyChooser::choose(Random& random) const {
  const double mean = mean_reward();
  std::size_t best = 0;
  double best_sample = -1;
  for (std::size_t i = 0; i < arms.size(); ++i) {
    const double good = gamma(coins * (prior * mean + beliefs_[i].good), random);
    const double bad = gamma(coins * (prior * (1 - mean) + beliefs_[i].bad), random);
    const double sample = good / (good + bad);
    if (sample > best_sample) {
      best_sample = sample;
      best = i;
    }
  }
  return arms[best];
}

void StrategyChooser::reward(RetryStrategy strategy, double reward) {
  for (std::size_t i = 0; i < arms.size(); ++i) {
    beliefs_[i].good *= discount;
    beliefs_[i].bad *= discount;
    if (arms[i] == strategy) {
      const double bounded = std::clamp(reward, 0.0, 1.0);
      beliefs_[i].good += bounded;
      beliefs_[i].bad += 1 - bounded;
    }
  }
}

double StrategyChooser::expected(RetryStrategy strategy) const {
  const auto found = std::find(arms.begin(), arms.end(), strategy);
  if (found == arms.end()) return 0;
  const Belief& belief = beliefs_[static_cast<std::size_t>(found - arms.begin())];
  return (prior * mean_reward() + belief.good) / (prior + belief.good + belief.bad);
}

double retry_reward(bool has_succeeded, Duration elapsed, int attempts) {
  if (!has_succeeded) return 0;
  return std::exp(-std::max(0.0, std::chrono::duration<double>(elapsed).count()) / 10) /
         std::max(1, attempts);
}

}  // namespace reelmill
