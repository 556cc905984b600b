// SPDX-License-Identifier: Apache-2.0
#include "media/frame_features.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "media/frame_sums.h"

namespace reelmill {
namespace {

constexpr int kPictureScale = 256;  // picture units a level
constexpr int kLimitedBlack = 16, kLimitedSpan = 219, kWhite = 255;

int grid_step(const LumaView& luma) {
  int step = 1;
  while (std::int64_t{luma.width / (step + 2)} * (luma.height / (step + 2)) >=
         FrameFeatures::kMinGridSamples) {
    step += 2;
  }
  return step;
}

std::uint8_t code_at(const std::byte* row, int x, int bit_depth) {
  if (bit_depth == 8) return static_cast<std::uint8_t>(row[x]);
  std::uint16_t sample = 0;
  std::memcpy(&sample, row + 2 * std::ptrdiff_t{x}, sizeof sample);
  return code_of(sample, bit_depth);
}

const std::byte* row_of(const LumaView& luma, int y) {
  return luma.data + y * luma.stride;
}

bool is_empty(const LumaView& luma) {
  return luma.data == nullptr || luma.width <= 0 || luma.height <= 0 || luma.bit_depth < 8 ||
         luma.bit_depth > 16;
}

/// Sum ÷ count as a level in picture units, rounded and clamped.
std::uint16_t picture_level(std::uint64_t sum, std::uint64_t count, bool is_full_range) {
  auto numerator = static_cast<std::int64_t>(sum), denominator = static_cast<std::int64_t>(count);
  if (!is_full_range) {
    numerator = (numerator - kLimitedBlack * denominator) * kWhite;
    denominator *= kLimitedSpan;
  }
  if (numerator <= 0) return 0;
  const auto level = (numerator * kPictureScale + denominator / 2) / denominator;
  return static_cast<std::uint16_t>(std::min<std::int64_t>(level, kWhite * kPictureScale));
}

int level_of(int code, bool is_full_range) {
  if (is_full_range) return code;
  return std::clamp((code - kLimitedBlack) * kWhite / kLimitedSpan, 0, kWhite);
}

void describe_histogram(const LumaView& luma, const GridHistogram& grid, FrameFeatures& features) {
  const int dark = luma.is_full_range ? 12 : 26;      // 5 % of nominal range
  const int bright = luma.is_full_range ? 243 : 225;  // 95 %
  std::array<std::uint64_t, FrameFeatures::kBins> bins{};
  std::uint64_t sum = 0, squares = 0, dark_count = 0, bright_count = 0;
  for (int code = 0; code < 256; ++code) {
    const std::uint64_t count = grid.count[static_cast<std::size_t>(code)];
    const auto value = static_cast<std::uint64_t>(code);
    bins[static_cast<std::size_t>(level_of(code, luma.is_full_range) / 4)] += count;
    sum += count * value;
    squares += count * value * value;
    if (code <= dark) dark_count += count;
    if (code >= bright) bright_count += count;
  }
  const auto samples = static_cast<double>(grid.samples);
  for (std::size_t i = 0; i < bins.size(); ++i) {
    features.histogram[i] =
        static_cast<std::uint16_t>((bins[i] * 65535 + grid.samples / 2) / grid.samples);
  }
  const double spread = static_cast<double>(grid.samples * squares - sum * sum);
  const double stretch = luma.is_full_range ? 1.0 : double{kWhite} / kLimitedSpan;
  features.deviation = static_cast<float>(stretch * std::sqrt(spread) / samples);
  features.dark_share = static_cast<float>(static_cast<double>(dark_count) / samples);
  features.bright_share = static_cast<float>(static_cast<double>(bright_count) / samples);
}

/// The depth is part of the type: it is looked at once a frame, not once a sample.
struct EightBits {
  std::uint8_t operator()(const std::byte* row, int x) const {
    return static_cast<std::uint8_t>(row[x]);
  }
};
struct DeepBits {
  int bit_depth;
  std::uint8_t operator()(const std::byte* row, int x) const { return code_at(row, x, bit_depth); }
};

template <class CodeAt>
GridHistogram count_codes(const LumaView& luma, CodeAt code) {
  // Four tables, so that equal neighbours do not wait for each other's counter.
  std::array<std::array<std::uint32_t, 256>, 4> tables{};
  const int step = grid_step(luma);
  for (int y = step / 2; y < luma.height; y += step) {
    const auto* row = row_of(luma, y);
    int x = step / 2;
    for (; x + 3 * step < luma.width; x += 4 * step) {
      ++tables[0][code(row, x)];
      ++tables[1][code(row, x + step)];
      ++tables[2][code(row, x + 2 * step)];
      ++tables[3][code(row, x + 3 * step)];
    }
    for (; x < luma.width; x += step) ++tables[0][code(row, x)];
  }
  GridHistogram histogram;
  for (std::size_t i = 0; i < 256; ++i) {
    for (const auto& table : tables) histogram.count[i] += table[i];
    histogram.samples += histogram.count[i];
  }
  return histogram;
}

}  // namespace

GridHistogram grid_histogram(const LumaView& luma) noexcept {
  return luma.bit_depth == 8 ? count_codes(luma, EightBits{})
                             : count_codes(luma, DeepBits{luma.bit_depth});
}

FrameSums frame_sums_reference(const LumaView& luma) noexcept {
  FrameSums sums;
  const int depth = luma.bit_depth;
  const int black = black_code(luma);
  const RowGroups groups(luma.height);
  for (int y = 0; y < luma.height; ++y) {
    if (!groups.has_row(y)) continue;
    const auto* row = row_of(luma, y);
    for (int x = 0; x < luma.width; ++x) {
      const int code = code_at(row, x, depth);
      sums.total += static_cast<std::uint64_t>(code);
      if (code <= black) ++sums.black;
      if (groups.has_laplacian(y) && has_laplacian(x, luma.width)) {
        const int difference = 4 * code - code_at(row, x - 1, depth) - code_at(row, x + 1, depth) -
                               code_at(row_of(luma, y - 1), x, depth) -
                               code_at(row_of(luma, y + 1), x, depth);
        sums.laplacian += static_cast<std::uint64_t>(difference * difference);
      }
    }
  }
  std::size_t block = 0;
  for (int j = 0; j < FrameFeatures::kPictureHeight; ++j) {
    const auto rows = block_range(j, FrameFeatures::kPictureHeight, luma.height);
    for (int i = 0; i < FrameFeatures::kPictureWidth; ++i, ++block) {
      const auto columns = block_range(i, FrameFeatures::kPictureWidth, luma.width);
      for (int y = rows.begin; y < rows.end; ++y) {
        if (!groups.has_row(y)) continue;
        for (int x = columns.begin; x < columns.end; ++x) {
          sums.block[block] += code_at(row_of(luma, y), x, depth);
        }
      }
    }
  }
  return sums;
}

FrameFeatures features_from(const LumaView& luma, const FrameSums& sums,
                            const GridHistogram& histogram) noexcept {
  FrameFeatures features;
  features.width = static_cast<std::uint16_t>(std::min(luma.width, 65535));
  features.height = static_cast<std::uint16_t>(std::min(luma.height, 65535));
  const RowGroups groups(luma.height);
  std::size_t block = 0;
  for (int j = 0; j < FrameFeatures::kPictureHeight; ++j) {
    const auto rows = block_range(j, FrameFeatures::kPictureHeight, luma.height);
    for (int i = 0; i < FrameFeatures::kPictureWidth; ++i, ++block) {
      const auto columns = block_range(i, FrameFeatures::kPictureWidth, luma.width);
      const auto count = static_cast<std::uint64_t>(groups.count(rows.begin, rows.end)) *
                         static_cast<std::uint64_t>(columns.end - columns.begin);
      features.picture[block] = picture_level(sums.block[block], count, luma.is_full_range);
    }
  }
  const double pixels = double{1} * luma.width * groups.count(0, luma.height);
  const double mean = static_cast<double>(sums.total) / pixels;
  const double stretch = luma.is_full_range ? 1.0 : double{kWhite} / kLimitedSpan;
  const double black = luma.is_full_range ? 0.0 : double{kLimitedBlack};
  features.mean = static_cast<float>(std::clamp((mean - black) * stretch, 0.0, double{kWhite}));
  features.black_share = static_cast<float>(static_cast<double>(sums.black) / pixels);
  const double inner = double{1} * (std::max(0, luma.width - 2) / 2) * groups.laplacians();
  if (inner > 0) {
    features.sharpness =
        static_cast<float>(static_cast<double>(sums.laplacian) * stretch * stretch / inner);
  }
  describe_histogram(luma, histogram, features);
  return features;
}

FrameFeatures compute_frame_features(const LumaView& luma) noexcept {
  if (is_empty(luma)) return {};
  return features_from(luma, frame_sums_simd(luma), grid_histogram(luma));
}

FrameFeatures compute_frame_features_reference(const LumaView& luma) noexcept {
  if (is_empty(luma)) return {};
  return features_from(luma, frame_sums_reference(luma), grid_histogram(luma));
}

float picture_difference(const FrameFeatures& a, const FrameFeatures& b) noexcept {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < a.picture.size(); ++i) {
    sum += static_cast<std::uint64_t>(std::abs(int{a.picture[i]} - int{b.picture[i]}));
  }
  return static_cast<float>(static_cast<double>(sum) /
                            static_cast<double>(a.picture.size() * kPictureScale));
}

}  // namespace reelmill
