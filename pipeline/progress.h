// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "pipeline/report.h"
#include "pipeline/run_counters.h"

namespace reelmill {

enum class ProgressStyle { none, bar, lines };

/// Shows how far a run is: a bar on a terminal, a line a minute elsewhere; and keeps samples for
/// the report. Its own thread calls run(); samples() may be read from another.
class Progress {
 public:
  Progress(ProgressStyle style, const RunCounters& counters, Clock& clock,
           std::function<std::int64_t()> uploads_pending);

  void run(std::stop_token stop);
  std::vector<ReportSample> samples() const;

 private:
  void take_sample(double at_s);
  std::string text(double at_s) const;

  const ProgressStyle style_;
  const RunCounters& counters_;
  Clock& clock_;
  const std::function<std::int64_t()> uploads_pending_;
  mutable std::mutex mutex_;
  std::vector<ReportSample> samples_;
  int seconds_a_sample_ = 1;
};

/// Resident memory of this process now, and at its peak, in bytes.
std::uint64_t resident_bytes();
std::uint64_t peak_resident_bytes();

}  // namespace reelmill
