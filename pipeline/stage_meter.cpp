// SPDX-License-Identifier: Apache-2.0
#include "pipeline/stage_meter.h"

#include <algorithm>
#include <cmath>

namespace reelmill {

void StageMeter::put_out(Duration busy) noexcept {
  out_.fetch_add(1, std::memory_order_relaxed);
  worked(busy);
  const double octaves = std::log2(std::max<double>(1.0, static_cast<double>(busy.count())));
  const auto bin = std::min(kBins - 1, static_cast<int>(octaves * kBinsPerOctave));
  bins_[static_cast<std::size_t>(bin)].fetch_add(1, std::memory_order_relaxed);
}

StageReport StageMeter::report(std::string id, std::string use) const {
  StageReport report;
  report.id = std::move(id);
  report.use = std::move(use);
  report.in = in_;
  report.out = out_;
  report.failed = failed_;
  report.busy_s = static_cast<double>(busy_ns_) * 1e-9;
  report.waiting_s = static_cast<double>(waiting_ns_) * 1e-9;
  std::uint64_t total = 0;
  for (const auto& bin : bins_) total += bin;
  const auto quantile = [&](double share) -> std::optional<double> {
    if (total == 0) return {};
    const double wanted = share * static_cast<double>(total);
    double seen = 0;
    for (int bin = 0; bin < kBins; ++bin) {
      seen += static_cast<double>(bins_[static_cast<std::size_t>(bin)]);
      if (seen >= wanted) return std::exp2((bin + 0.5) / kBinsPerOctave) * 1e-6;
    }
    return {};
  };
  report.p50_ms = quantile(0.50);
  report.p95_ms = quantile(0.95);
  return report;
}

}  // namespace reelmill
