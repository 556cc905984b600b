// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace reelmill {

/// So many samples of one row, one behind the other in memory.
struct ChromaRun {
  const std::byte* data = nullptr;
  int samples = 0;
  int bit_depth = 8;  ///< 8: bytes; 9 to 16: 16-bit samples
};

/// Sum of the samples as 8-bit codes, with SIMD.
std::uint64_t sum_of_codes_simd(const ChromaRun& run) noexcept;

}  // namespace reelmill
