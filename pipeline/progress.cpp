// SPDX-License-Identifier: Apache-2.0
#include "pipeline/progress.h"

#include <cmath>
#include <cstdio>
#include <fstream>

#include <sys/resource.h>
#include <unistd.h>

#include "base/counted.h"
#include "base/log.h"
#include "base/units.h"

namespace reelmill {
namespace {

constexpr std::size_t kMaxSamples = 600;
constexpr int kBarWidth = 24;

std::string bar(double share) {
  const int full = static_cast<int>(std::lround(share * kBarWidth));
  std::string text;
  for (int i = 0; i < kBarWidth; ++i) text += i < full ? "█" : "░";
  return text;
}

}  // namespace

std::uint64_t resident_bytes() {
  std::uint64_t total = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::uint64_t peak_resident_bytes() {
  struct rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

Progress::Progress(ProgressStyle style, const RunCounters& counters, Clock& clock,
                   std::function<std::int64_t()> uploads_pending)
    : style_(style),
      counters_(counters),
      clock_(clock),
      uploads_pending_(std::move(uploads_pending)) {}

void Progress::run(std::stop_token stop) {
  const auto begin = clock_.now();
  auto next_line = begin + std::chrono::minutes(1);
  while (clock_.sleep_until(clock_.now() + std::chrono::seconds(1), stop)) {
    const double at_s = to_seconds(clock_.now() - begin);
    take_sample(at_s);
    if (style_ == ProgressStyle::bar) std::fprintf(stderr, "\r\033[K%s", text(at_s).c_str());
    if (style_ == ProgressStyle::lines && clock_.now() >= next_line) {
      spdlog::info("{}", text(at_s));
      next_line += std::chrono::minutes(1);
    }
  }
  if (style_ == ProgressStyle::bar) std::fprintf(stderr, "\r\033[K");
}

void Progress::take_sample(double at_s) {
  const ReportSample sample{at_s, counters_.done, counters_.frames, uploads_pending_(),
                            resident_bytes()};
  std::lock_guard lock(mutex_);
  if (static_cast<int>(at_s) % seconds_a_sample_ == 0) samples_.push_back(sample);
  if (samples_.size() <= kMaxSamples) return;
  for (std::size_t i = 0; i < samples_.size() / 2; ++i) samples_[i] = samples_[2 * i];
  samples_.resize(samples_.size() / 2);
  seconds_a_sample_ *= 2;
}

std::vector<ReportSample> Progress::samples() const {
  std::lock_guard lock(mutex_);
  return samples_;
}

std::string Progress::text(double at_s) const {
  const auto found = counters_.found.load();
  const auto ended = counters_.done + counters_.skipped + counters_.quarantined + counters_.pending;
  const auto bytes = static_cast<double>(counters_.bytes_found.load());
  const double share = bytes > 0 ? static_cast<double>(counters_.bytes_done.load()) / bytes : 0;
  const double hours = std::max(at_s, 1.0) / 3600;
  std::string text = fmt::format("{} {:3.0f} %  {}/{} videos", bar(std::min(share, 1.0)),
                                 100 * share, ended, found);
  text += fmt::format("  {:.0f}/h  {:.1f}× real time",
                      static_cast<double>(counters_.done + counters_.pending) / hours,
                      static_cast<double>(counters_.media_ms.load()) / 1000 / std::max(at_s, 1.0));
  if (share > 0.005 && share < 1) text += "  ETA " + approximate_duration(at_s / share - at_s);
  if (counters_.quarantined > 0)
    text += fmt::format("  {} quarantined", counters_.quarantined.load());
  if (const auto waiting = uploads_pending_(); waiting > 0)
    text += "  " + counted(waiting, "call") + " waiting";
  return text;
}

}  // namespace reelmill
