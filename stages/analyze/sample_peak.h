// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <span>

namespace reelmill {

/// Greatest magnitudes by place in groups of `kLanes`, so that a compiler compares many samples at
/// once. A sample that is not a number counts as none.
class SamplePeak {
 public:
  static constexpr std::size_t kLanes = 16;

  void add(std::span<const float> samples) noexcept {
    std::size_t i = 0;
    for (; i + kLanes <= samples.size(); i += kLanes) {
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        const float magnitude = std::fabs(samples[i + lane]);
        lanes_[lane] = lanes_[lane] < magnitude ? magnitude : lanes_[lane];
      }
    }
    for (std::size_t lane = 0; i + lane < samples.size(); ++lane) {
      const float magnitude = std::fabs(samples[i + lane]);
      lanes_[lane] = lanes_[lane] < magnitude ? magnitude : lanes_[lane];
    }
  }

  float all() const noexcept { return of_channel(0, 1); }
  /// Of interleaved samples that began with channel 0; `channels` divides kLanes.
  float of_channel(std::size_t channel, std::size_t channels) const noexcept {
    float peak = 0;
    for (std::size_t lane = channel; lane < kLanes; lane += channels)
      peak = peak < lanes_[lane] ? lanes_[lane] : peak;
    return peak;
  }

 private:
  std::array<float, kLanes> lanes_{};
};

}  // namespace reelmill
