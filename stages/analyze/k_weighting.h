// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

namespace reelmill {

/// The K-weighting of ITU-R BS.1770-4 for all channels of a stream at once, and the energy of what
/// comes out. Two channels share a vector, because a recursive filter cannot be widened in time.
/// Results do not depend on how the sound is cut into calls, nor on the processor: it uses what
/// every processor has, and no fused operations. Not thread-safe.
class KWeighting {
 public:
  /// `rate` in Hz, 16 or more. `weights`: one a channel; channels of weight 0 are not heard.
  KWeighting(std::vector<double> weights, double rate);

  /// The weighted energy of `frames` frames of interleaved samples: the sum over channels of weight
  /// × the sum of squares. All samples must be finite.
  double energy(const float* samples, std::size_t frames);

 private:
  static constexpr std::size_t kOrder = 4;

  std::size_t channels_;
  double feedforward_[kOrder + 1], feedback_[kOrder + 1];
  std::vector<double> weights_;  // padded to whole pairs
  std::vector<double> memory_;   // for each pair: kOrder values of both channels
};

}  // namespace reelmill
