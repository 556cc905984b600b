// SPDX-License-Identifier: Apache-2.0
#include "media/chroma_means.h"

#include <algorithm>
#include <cstring>

#include "media/chroma_sums.h"
#include "media/frame_sums.h"

namespace reelmill {
namespace {

bool is_empty(const ChromaView& chroma) {
  return chroma.cb.data == nullptr || chroma.cr.data == nullptr || chroma.width <= 0 ||
         chroma.height <= 0 || chroma.bit_depth < 8 || chroma.bit_depth > 16;
}

std::uint64_t sum_of_codes(const std::byte* data, int samples, const ChromaView& chroma) {
  std::uint64_t sum = 0;
  for (int i = 0; i < samples; ++i) {
    const auto* at = data + std::ptrdiff_t{i} * chroma.step;
    if (chroma.bit_depth == 8) {
      sum += static_cast<std::uint8_t>(*at);
    } else {
      std::uint16_t sample = 0;
      std::memcpy(&sample, at, sizeof sample);
      sum += code_of(sample, chroma.bit_depth);
    }
  }
  return sum;
}

/// `sum(first sample, how many)` adds up the codes of a run.
template <class Sum>
ChromaMeans::Grid means_of(const ChromaView& chroma, const ChromaView::Plane& plane,
                           const Sum& sum) {
  ChromaMeans::Grid grid{};
  std::size_t area = 0;
  for (int j = 0; j < ChromaMeans::kHeight; ++j) {
    const auto rows = block_range(j, ChromaMeans::kHeight, chroma.height);
    const int height = rows.end - rows.begin;
    const int taken = std::min(height, ChromaMeans::kRowsTaken);
    for (int i = 0; i < ChromaMeans::kWidth; ++i, ++area) {
      const auto columns = block_range(i, ChromaMeans::kWidth, chroma.width);
      const int width = columns.end - columns.begin;
      std::uint64_t total = 0;
      for (int k = 0; k < taken; ++k) {
        const auto y = rows.begin + (2 * std::int64_t{k} + 1) * height / (2 * std::int64_t{taken});
        total +=
            sum(plane.data + y * plane.stride + std::ptrdiff_t{columns.begin} * chroma.step, width);
      }
      const auto count = static_cast<std::uint64_t>(taken) * static_cast<std::uint64_t>(width);
      grid[area] = static_cast<std::uint8_t>((total + count / 2) / count);
    }
  }
  return grid;
}

}  // namespace

ChromaMeans compute_chroma_means_reference(const ChromaView& chroma) noexcept {
  if (is_empty(chroma)) return {};
  const auto sum = [&](const std::byte* data, int samples) {
    return sum_of_codes(data, samples, chroma);
  };
  return {means_of(chroma, chroma.cb, sum), means_of(chroma, chroma.cr, sum)};
}

ChromaMeans compute_chroma_means(const ChromaView& chroma) noexcept {
  if (is_empty(chroma)) return {};
  const bool is_contiguous = chroma.step == (chroma.bit_depth == 8 ? 1 : 2);
  if (!is_contiguous) return compute_chroma_means_reference(chroma);
  const auto sum = [&](const std::byte* data, int samples) {
    return sum_of_codes_simd({data, samples, chroma.bit_depth});
  };
  return {means_of(chroma, chroma.cb, sum), means_of(chroma, chroma.cr, sum)};
}

}  // namespace reelmill
