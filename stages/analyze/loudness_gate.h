// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace reelmill {

/// Puts energies of 100 ms together to the overlapping blocks of EBU R 128, and gates these: blocks
/// of 400 ms for integrated loudness (ITU-R BS.1770-4), of 3 s, one a second, for the range (EBU
/// Tech 3342). Keeps one number a block: 88 bytes a second of sound. Not thread-safe.
class LoudnessGate {
 public:
  /// The next 100 ms: its energy a frame, mean over time, sum over weighted channels.
  void add(double mean_energy);
  /// What follows does not join what came before: no block spans both.
  void begin_part() noexcept { slices_ = 0; }

  /// LUFS; minus infinity without a block above the gate.
  double integrated() const;
  /// LU; 0 without a block above the gate.
  double range() const;

 private:
  static constexpr std::int64_t kShort = 4, kLong = 30, kLongStep = 10;  // slices

  double mean_of_last(std::int64_t slices) const;

  std::array<double, kLong> recent_{};
  std::int64_t slices_ = 0;  // of this part
  std::vector<double> blocks_, long_blocks_;
};

}  // namespace reelmill
