// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "base/error.h"
#include "pipeline/report.h"

namespace reelmill {

/// Counts what one stage did and how long it took. Quantiles come from logarithmic bins with an
/// error of at most 9 %. Thread-safe, lock-free.
class StageMeter {
 public:
  void took_in(std::int64_t items = 1) noexcept { in_.fetch_add(items, std::memory_order_relaxed); }
  void failed(std::int64_t items = 1) noexcept {
    failed_.fetch_add(items, std::memory_order_relaxed);
  }
  /// One item went out after `busy` of work.
  void put_out(Duration busy) noexcept;
  /// Work that belongs to no finished item.
  void worked(Duration busy) noexcept {
    busy_ns_.fetch_add(busy.count(), std::memory_order_relaxed);
  }
  void waited(Duration time) noexcept {
    waiting_ns_.fetch_add(time.count(), std::memory_order_relaxed);
  }

  StageReport report(std::string id, std::string use) const;

 private:
  static constexpr int kBinsPerOctave = 8, kBins = 40 * kBinsPerOctave;

  std::atomic<std::int64_t> in_{0}, out_{0}, failed_{0}, busy_ns_{0}, waiting_ns_{0};
  std::array<std::atomic<std::uint32_t>, kBins> bins_{};
};

}  // namespace reelmill
