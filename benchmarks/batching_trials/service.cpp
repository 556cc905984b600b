// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/batching_trials/service.h"

#include <algorithm>
#include <cmath>

namespace reelmill::batching {

Service::Now Service::now(double at_seconds) const {
  const auto& w = workload_;
  double share = 0;
  if (w.period > 0) {
    const double phase = std::fmod(at_seconds, w.period) / w.period;
    share = w.drifts ? 1 - std::abs(2 * phase - 1) : (phase < 0.5 ? 0 : 1);
  }
  const auto between = [&](double from, double to) {
    return to < 0 ? from : from + share * (to - from);
  };
  return {between(w.b, w.b2), between(w.a, w.a2), between(w.knee, w.knee2)};
}

double Service::expected(double n, double weight, double mb, double at_seconds) const {
  const auto [b, a, knee] = now(at_seconds);
  double ms = b + a * weight + workload_.c * mb + workload_.q * n * n;
  if (knee > 0 && n > knee) ms += a * (workload_.slope - 1) * (n - knee) + workload_.jump;
  return ms / 1e3;
}

double Service::draw(std::span<const Item> items, double at_seconds, int in_flight,
                     std::mt19937_64& random) const {
  double weight = 0, mb = 0;
  for (const auto& item : items) {
    weight += item.weight;
    mb += item.bytes / 1048576.0;
  }
  double seconds = expected(static_cast<double>(items.size()), weight, mb, at_seconds);
  const double sigma = workload_.noise;
  if (sigma > 0) seconds *= std::lognormal_distribution<>(-sigma * sigma / 2, sigma)(random);
  if (workload_.outlier > 0 && std::bernoulli_distribution(workload_.outlier)(random)) {
    seconds *= workload_.outlier_factor;
  }
  return seconds * std::max(1.0, in_flight / workload_.servers);
}

double Service::successes(double n) const {
  const double p = 1 - workload_.fail;
  return workload_.fails_whole ? n * std::pow(p, n) : n * p;
}

double Service::mean_mb() const {
  return workload_.mixed ? (5 * 640 * 360 + 4 * 1920 * 1080 + 1 * 3840 * 2160) * 3 / 10.0 / 1048576
                         : workload_.mb;
}

double Service::cost(int n, double at_seconds) const {
  return expected(n, n, n * mean_mb(), at_seconds) / successes(n);
}

int Service::best_size(double at_seconds) const {
  const auto& o = workload_.options;
  const double limit = to_seconds(o.target_processing_time);
  int best = o.min_batch_size;
  double best_cost = -1;
  for (int n = o.min_batch_size; n <= o.max_batch_size; ++n) {
    if (mean_mb() > 0 && n > 1 && n * mean_mb() * 1048576 > static_cast<double>(o.max_bytes) &&
        !workload_.mixed) {
      break;
    }
    const double seconds = expected(n, n, n * mean_mb(), at_seconds);
    // Of the batch's noise and its items' own, taken as lognormal together.
    const double own =
        now(at_seconds).a / 1e3 * std::sqrt(std::expm1(workload_.tail * workload_.tail) * n);
    const double variance =
        workload_.noise * workload_.noise + std::log1p(std::pow(own / seconds, 2));
    const double q95 = seconds * std::exp(1.645 * std::sqrt(variance) - variance / 2);
    if (q95 > limit && n > o.min_batch_size) continue;
    const double here = cost(n, at_seconds);
    if (best_cost < 0 || here < best_cost) {
      best_cost = here;
      best = n;
    }
  }
  return best;
}

}  // namespace reelmill::batching
