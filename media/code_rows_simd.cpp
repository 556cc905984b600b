// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "media/code_rows.h"
#include "media/frame_sums.h"

// Highway compiles this file once for each instruction set, and chooses at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "media/code_rows_simd.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace reelmill {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

void ToCodes(const std::uint16_t* samples, int width, int bit_depth, std::uint8_t* codes) {
  int x = 0;
#if HWY_TARGET != HWY_SCALAR
  const hn::CappedTag<std::uint16_t, 16> d16;
  const hn::RebindToSigned<decltype(d16)> di16;
  const hn::Rebind<std::uint8_t, decltype(d16)> half_d8;
  const auto half = hn::Set(d16, static_cast<std::uint16_t>(1U << (bit_depth - 9)));
  const auto white = hn::Set(d16, 255);
  const int lanes = static_cast<int>(hn::Lanes(d16));
  const auto convert = [&](int at) HWY_ATTR {
    const auto rounded = hn::SaturatedAdd(hn::LoadU(d16, samples + at), half);
    const auto code = hn::Min(hn::ShiftRightSame(rounded, bit_depth - 8), white);
    hn::StoreU(hn::DemoteTo(half_d8, hn::BitCast(di16, code)), half_d8, codes + at);
  };
  for (; x + lanes <= width; x += lanes) convert(x);
  if (x < width && width >= lanes) {
    convert(width - lanes);
    x = width;
  }
#endif
  for (; x < width; ++x) codes[x] = code_of(samples[x], bit_depth);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace reelmill
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace reelmill {
HWY_EXPORT(ToCodes);

void to_codes_simd(const std::byte* samples, int width, int bit_depth,
                   std::uint8_t* codes) noexcept {
  HWY_DYNAMIC_DISPATCH(ToCodes)
  (reinterpret_cast<const std::uint16_t*>(samples), width, bit_depth, codes);
}

}  // namespace reelmill
#endif
