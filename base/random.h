// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <random>

namespace reelmill {

/// Where every class gets its chance from, so that tests can seed it.
/// Implementations say whether they may be shared between threads.
class Random {
 public:
  virtual ~Random() = default;
  virtual double uniform() = 0;  ///< in [0, 1)
};

/// Mersenne twister from a seed. Not thread-safe.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
  double uniform() override {
    return static_cast<double>(engine_() >> 11) * 0x1.0p-53;  // 53 random bits
  }
  std::mt19937_64& engine() { return engine_; }

 private:
  std::mt19937_64 engine_;
};

/// A source that may be used from any thread: each thread draws from a generator of its own.
Random& default_random() noexcept;

}  // namespace reelmill
