// SPDX-License-Identifier: Apache-2.0
#include "pipeline/batching_report.h"

#include <algorithm>

#include "base/clock.h"

namespace reelmill {
namespace {

constexpr std::size_t kSamples = 60;
/// With fewer sizes than this there is no line through them.
constexpr int kLeastPoints = 2;

double milliseconds(Duration duration) {
  return to_seconds(duration) * 1000;
}

BatchingSample sample_of(const BatchDecision& decision) {
  BatchingSample sample;
  sample.at_s = to_seconds(decision.at);
  sample.size = decision.n;
  sample.target = decision.target;
  if (decision.observed > Duration::zero()) sample.took_ms = milliseconds(decision.observed);
  sample.reason = to_string(decision.reason);
  return sample;
}

/// Evenly thinned, first and last included.
std::vector<BatchingSample> samples_of(const std::vector<BatchDecision>& decisions) {
  std::vector<BatchingSample> samples;
  const auto count = std::min(kSamples, decisions.size());
  for (std::size_t i = 0; i < count; ++i)
    samples.push_back(
        sample_of(decisions[count == 1 ? 0 : i * (decisions.size() - 1) / (count - 1)]));
  return samples;
}

}  // namespace

BatchingReport batching_report(std::string stage, const BatchSnapshot& snapshot,
                               const BatchHistory& history) {
  BatchingReport report;
  report.stage = std::move(stage);
  report.strategy = to_string(snapshot.strategy);
  report.batches = snapshot.batches;
  report.items = snapshot.items;
  report.mean_size = snapshot.mean_size();
  for (std::size_t i = 0; i < snapshot.reasons.size(); ++i)
    if (snapshot.reasons[i] > 0)
      report.reasons.emplace_back(to_string(static_cast<BatchReason>(i)), snapshot.reasons[i]);
  report.target = snapshot.target;
  if (snapshot.fit.points >= kLeastPoints)
    report.cost = {snapshot.fit.a * 1000, snapshot.fit.b * 1000, snapshot.fit.error};
  if (snapshot.completed > 0) {
    const auto& efficiency = snapshot.efficiency;
    report.efficiency = {efficiency.score(), efficiency.amortisation, efficiency.fill,
                         efficiency.success, efficiency.speed};
  }
  report.bound = to_string(snapshot.bound);
  report.headroom = snapshot.headroom;
  report.over_target = snapshot.over_target;
  report.regime_changes = snapshot.regime_changes;
  report.warnings = snapshot.warnings;
  report.sizes = samples_of(history.decisions());
  return report;
}

}  // namespace reelmill
