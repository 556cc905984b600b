// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>

#include "media/chroma_sums.h"
#include "media/frame_sums.h"

// Highway compiles this file once for each instruction set, and chooses at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "media/chroma_sums_simd.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace reelmill {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// An eighth of a row is short: wider vectors would leave more of it to the plain loop.
using D8 = hn::CappedTag<std::uint8_t, 16>;
using D16 = hn::Repartition<std::uint16_t, D8>;
using D32 = hn::Repartition<std::uint32_t, D8>;
using D64 = hn::Repartition<std::uint64_t, D8>;

std::uint64_t SumBytes(const std::uint8_t* codes, int samples) {
  std::uint64_t sum = 0;
  int x = 0;
#if HWY_TARGET != HWY_SCALAR
  const D8 d8;
  const int lanes = static_cast<int>(hn::Lanes(d8));
  auto sums = hn::Zero(D64());
  for (; x + lanes <= samples; x += lanes)
    sums = hn::Add(sums, hn::SumsOf8(hn::LoadU(d8, codes + x)));
  sum = hn::GetLane(hn::SumOfLanes(D64(), sums));
#endif
  for (; x < samples; ++x) sum += codes[x];
  return sum;
}

std::uint64_t SumDeep(const std::byte* data, int samples, int bit_depth) {
  std::uint64_t sum = 0;
  int x = 0;
#if HWY_TARGET != HWY_SCALAR
  const D16 d16;
  const int lanes = static_cast<int>(hn::Lanes(d16));
  constexpr int kMostVectors = 256;  // 256 × 255 fits 16 bits
  const auto half = hn::Set(d16, static_cast<std::uint16_t>(1U << (bit_depth - 9)));
  const auto white = hn::Set(d16, 255);
  const auto* values = reinterpret_cast<const std::uint16_t*>(data);
  while (x + lanes <= samples) {
    const int end = std::min(samples, x + kMostVectors * lanes);
    auto sums = hn::Zero(d16);
    for (; x + lanes <= end; x += lanes) {
      const auto rounded = hn::SaturatedAdd(hn::LoadU(d16, values + x), half);
      sums = hn::Add(sums, hn::Min(hn::ShiftRightSame(rounded, bit_depth - 8), white));
    }
    const auto pairs = hn::BitCast(D32(), sums);
    const auto wide = hn::Add(hn::And(pairs, hn::Set(D32(), 0xFFFF)), hn::ShiftRight<16>(pairs));
    sum += hn::GetLane(hn::SumOfLanes(D32(), wide));
  }
#endif
  for (; x < samples; ++x) {
    std::uint16_t sample = 0;
    std::memcpy(&sample, data + 2 * std::ptrdiff_t{x}, sizeof sample);
    sum += code_of(sample, bit_depth);
  }
  return sum;
}

std::uint64_t SumOfCodes(const ChromaRun& run) {
  if (run.bit_depth == 8)
    return SumBytes(reinterpret_cast<const std::uint8_t*>(run.data), run.samples);
  return SumDeep(run.data, run.samples, run.bit_depth);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace reelmill
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace reelmill {
HWY_EXPORT(SumOfCodes);

std::uint64_t sum_of_codes_simd(const ChromaRun& run) noexcept {
  return HWY_DYNAMIC_DISPATCH(SumOfCodes)(run);
}

}  // namespace reelmill
#endif
